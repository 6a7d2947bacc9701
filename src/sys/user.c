#define _GNU_SOURCE
#include "sys/user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/error.h"

int
user_become(const char *name, struct error *err)
{
	const struct passwd *user;

	if (name == NULL || name[0] == '\0' || getuid() != 0)
		return 0;
	user = getpwnam(name);
	if (user == NULL)
		return error_set(err, ERROR_NOT_FOUND, "no user %s", name);
	if (setgroups(0, NULL) < 0 || setgid(user->pw_gid) < 0 ||
	    setuid(user->pw_uid) < 0)
		return error_set_errno(err, "becoming user %s", name);
	return 0;
}
