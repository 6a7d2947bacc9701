#include "role/query/metrics.h"

#include "base/bytes.h"
#include "base/error.h"
#include "release/release_history.h"
#include "role/env.h"
#include "role/keeper/keeper_uses.h"
#include "role/query/queries.h"
#include "role/query/queries_release.h"
#include "service/config.h"

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

void
metrics_put_module(const struct queries *queries, struct bytes *to)
{
	struct bytes path = { 0 };

	bytes_put_format(&path, "%s/keeper.uses",
	    queries->env->config->host.data);
	bytes_put_u8(&path, '\0');
	if (!path.failed)
		keeper_uses_put_metrics((const char *)path.data, to);
	bytes_free(&path);
}

void
metrics_put_release(struct queries *queries, struct bytes *to)
{
	struct release_alarm alarm;
	struct error ignored = { 0 };

	metrics_put_head(to, "yizhan_release_behind", "gauge",
	    "1: an older version runs than that of the release in force.");
	bytes_put_format(to, "yizhan_release_behind %d\n",
	    queries_release_is_behind(queries) ? 1 : 0);
	metrics_put_head(to, "yizhan_release_refused", "gauge",
	    "1: something of a release was refused, and nothing was verified "
	    "since.");
	/* What cannot be read is no good news. */
	bytes_put_format(to, "yizhan_release_refused %d\n",
	    queries_release_alarm(queries, &alarm, &ignored) != 0 ? 1 : 0);
}
