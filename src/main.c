/*
 * The program: a table of commands.
 */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/serve.h"
#include "demo/demo_command.h"

static const struct command *const commands[] = {
	&backup_command,
	&backup_verify_command,
	&card_assign_command,
	&card_hold_command,
	&card_list_command,
	&card_lost_command,
	&case_attach_command,
	&case_code_command,
	&case_definitions_command,
	&case_draft_command,
	&case_list_command,
	&case_move_command,
	&case_open_command,
	&case_save_command,
	&case_show_command,
	&config_check_command,
	&config_show_command,
	&demo_command,
	&directory_search_command,
	&directory_show_command,
	&directory_history_command,
	&directory_notices_command,
	&doc_check_command,
	&doc_confirm_command,
	&doc_list_command,
	&doc_paper_command,
	&doc_preview_command,
	&doc_print_command,
	&doc_notice_command,
	&doc_return_command,
	&doc_review_command,
	&doc_make_command,
	&doc_save_command,
	&doc_send_command,
	&doc_show_command,
	&doc_view_command,
	&doc_wait_command,
	&doc_undo_command,
	&doc_withdraw_command,
	&doctor_command,
	&evidence_export_command,
	&evidence_verify_command,
	&explain_command,
	&folder_command,
	&hold_add_command,
	&hold_lift_command,
	&hold_list_command,
	&log_audit_command,
	&log_conflicts_command,
	&log_prove_command,
	&module_code_command,
	&module_init_command,
	&module_install_command,
	&module_issue_command,
	&module_list_command,
	&module_selftest_command,
	&module_show_command,
	&module_zeroise_command,
	&person_add_command,
	&person_disable_command,
	&person_enable_command,
	&person_link_command,
	&person_list_command,
	&queue_list_command,
	&receipt_list_command,
	&receipt_save_command,
	&receipt_verify_command,
	&register_command,
	&restore_command,
	&serve_command,
	&token_create_command,
	&token_list_command,
	&token_revoke_command,
	&trust_combine_command,
	&trust_init_command,
	&trust_key_command,
	&trust_prepare_command,
	&trust_publish_command,
	&trust_rotate_command,
	&trust_show_command,
	&trust_sign_command,
	NULL,
};

int
main(int argc, char **argv)
{
	/* What `yizhan serve` starts; no command for people. */
	if (argc > 1 && text_equal(argv[1], "role"))
		return serve_role(argc - 1, argv + 1);
	return cli_main(commands, argc, argv);
}
