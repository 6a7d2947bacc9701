#include "cli/serve.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_query.h"
#include "center/listener/center_listener.h"
#include "cli/cli.h"
#include "gateway/gateway.h"
#include "gateway/gateway_listener.h"
#include "management/management.h"
#include "management/management_listener.h"
#include "role/courier/courier.h"
#include "role/env.h"
#include "role/parent/no_printer.h"
#include "role/parent/parent.h"
#include "role/parent/program.h"
#include "role/role.h"
#include "service/config.h"

extern char **environ;

/* What a listener, a spooler and a query are on each kind of host. */
struct tier {
	int kind;
	role_fn listener;
	role_fn spooler;
	role_fn query;
};

static const struct tier tiers[] = {
	{ CONFIG_MANAGEMENT, management_listener_start,
	    management_spooler_start, management_query_start },
	{ CONFIG_CENTER, center_listener_start, center_spooler_start,
	    center_query_start },
	{ CONFIG_GATEWAY, gateway_listener_start, gateway_spooler_start,
	    gateway_query_start },
};

/* check_kinds() saw to it that there is exactly one. */
static const struct tier *
tier_of(const struct config *config)
{
	const struct tier *tier = &tiers[0];

	for (size_t i = 1; i < ARRAY_LEN(tiers); i++)
		if (config_has_kind(config, tiers[i].kind))
			tier = &tiers[i];
	return tier;
}

static int
start_listener(struct role_env *env, struct error *err)
{
	return tier_of(env->config)->listener(env, err);
}

static int
start_spooler(struct role_env *env, struct error *err)
{
	return tier_of(env->config)->spooler(env, err);
}

static int
start_query(struct role_env *env, struct error *err)
{
	return tier_of(env->config)->query(env, err);
}

int
serve_role(int argc, char **argv)
{
	static const role_fn starts[ROLE_COUNT] = {
		[ROLE_LISTENER] = start_listener,
		[ROLE_SPOOLER] = start_spooler,
		[ROLE_QUERY] = start_query,
		[ROLE_KEEPER] = keeper_start,
		[ROLE_VERIFIER] = verifier_start,
		[ROLE_COURIER] = courier_start,
		[ROLE_READER] = reader_start,
		[ROLE_PRINTER] = no_printer_start,
	};
	static char reader[] = "reader";

	if (argc > 1 && text_equal(argv[1], role_name(ROLE_PRINTER)))
		program_leave("yizhan-printer", argv + 1);
	if (argc > 1 && text_equal(argv[1], role_name(ROLE_READER)))
		program_leave("yizhan-reader", argv + 1);
	if (argc > 1 && text_equal(argv[1], PROGRAM_READER_HERE))
		argv[1] = reader;
	return role_command(argc, argv, starts);
}

/* Several tiers on one host come with the self-built center. */
static int
check_kinds(const struct config *config, struct error *err)
{
	int count = 0;

	for (size_t i = 0; i < ARRAY_LEN(tiers); i++)
		if (config_has_kind(config, tiers[i].kind))
			count++;
	if (count == 1)
		return 0;
	return error_set_id(err, "E1208", ERROR_MALFORMED,
	    "host.kind names %d kinds; serve each from a configuration of its "
	    "own",
	    count);
}

static int
run(struct cli *cli, struct error *err)
{
	struct config *config = NULL;
	uint64_t ready_fd = 0;
	int rc = -1;

	if (cli_value(cli, "config") == NULL)
		return cli_refuse(err, "serve needs -c FILE");
	if (cli_value(cli, "ready-fd") != NULL &&
	    !text_parse_u64(cli_value(cli, "ready-fd"), 1000, &ready_fd))
		return cli_refuse(err, "--ready-fd takes a number");
	if (config_load(cli_value(cli, "config"), environ, &config, err) == 0 &&
	    check_kinds(config, err) == 0)
		rc = parent_run(config, cli_value(cli, "config"),
		    ready_fd > 0 ? (int)ready_fd : -1, err);
	config_free(config);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "ready-fd", 0, "N", "write \"ready\" to this descriptor when it is" },
	{ NULL, 0, NULL, NULL },
};

const struct command serve_command = {
	.name = "serve",
	.summary = "run a host: management, center or gateway",
	.summary_zh = "啟動主機：管理層、交換中心或機關閘道",
	.arguments = "",
	.examples = "yizhan serve -c /etc/yizhan/center-a.conf\n",
	.options = options,
	.run = run,
};
