#include "role/query/metrics.h"

#include "base/bytes.h"

const char metrics_type[] = "text/plain; version=0.0.4";

void
metrics_put_head(struct bytes *to, const char *name, const char *type,
    const char *help)
{
	bytes_put_format(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	    type);
}

void
metrics_put_build(struct bytes *to)
{
	metrics_put_head(to, "yizhan_build_info", "gauge",
	    "The version that runs.");
	bytes_put_format(to, "yizhan_build_info{version=\"%s\"} 1\n",
	    YIZHAN_VERSION);
}
