#include "role/role.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "role/env.h"

int
role_command(int argc, char **argv, const role_fn starts[ROLE_COUNT])
{
	struct role_env env;
	struct error err = { 0 };
	enum role role;

	if (argc < 2 || !role_parse(argv[1], &role) || starts[role] == NULL) {
		fprintf(stderr, "yizhan role: for `yizhan serve` alone\n");
		return 64;
	}
	if (role_env_open(role, argv + 2, &env, &err) < 0) {
		fprintf(stderr, "yizhan role %s: %s\n", argv[1], err.text);
		return EXIT_FAILURE;
	}
	if (starts[role](&env, &err) < 0) {
		log_failure(&env.log, LOG_LEVEL_ERROR, "role.start", &err);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
