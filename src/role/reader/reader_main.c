/*
 * The program yizhan-reader: the role reader, started by `yizhan role reader`
 * in its place (role reader VERSION WORDS).  It is small, since each document
 * is read in a copy of it.
 */
#include "role/parent/program.h"
#include "role/role.h"
#include "sys/process.h"

int
main(int argc, char **argv)
{
	static const role_fn starts[ROLE_COUNT] = {
		[ROLE_READER] = reader_start,
	};
	static char program[] = "yizhan";
	static char here[] = PROGRAM_READER_HERE;

	if (argc < 4)
		return role_command(0, argv, starts);
	/* A program of another version has other messages. */
	if (!program_is_ours(argv[3])) {
		argv[2] = argv[1];
		argv[1] = program;
		argv[3] = here;
		process_become(program, argv + 1);
		return role_command(0, argv, starts);
	}
	argv[3] = argv[2];
	return role_command(argc - 2, argv + 2, starts);
}
