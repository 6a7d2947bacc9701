/*
 * The program yizhan-printer: the role printer of a gateway, started by
 * `yizhan role printer` in its place (role printer VERSION WORDS).
 */
#include <stdbool.h>

#include "printer/printer_internal.h"
#include "role/parent/no_printer.h"
#include "role/parent/program.h"
#include "role/role.h"

int
main(int argc, char **argv)
{
	static const role_fn starts[ROLE_COUNT] = {
		[ROLE_PRINTER] = printer_start,
	};
	static const role_fn strangers[ROLE_COUNT] = {
		[ROLE_PRINTER] = no_printer_start,
	};
	bool is_ours;

	if (argc < 4)
		return role_command(0, argv, starts);
	/* A program of another version has other messages. */
	is_ours = program_is_ours(argv[3]);
	argv[3] = argv[2];
	return role_command(argc - 2, argv + 2, is_ours ? starts : strangers);
}
