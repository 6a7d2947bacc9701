#include <string.h>
#include <strings.h>

#include "package/package_internal.h"

bool
package_name_is_reserved(const char *name)
{
	return strcasecmp(name, PACKAGE_MIMETYPE_NAME) == 0 ||
	    strcasecmp(name, "META-INF") == 0 ||
	    strncasecmp(name, "META-INF/", strlen("META-INF/")) == 0;
}
