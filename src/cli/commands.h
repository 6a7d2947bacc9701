/*
 * The commands of this folder, for the table in src/main.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command backup_command;
extern const struct command backup_verify_command;
extern const struct command card_assign_command;
extern const struct command card_hold_command;
extern const struct command card_list_command;
extern const struct command card_lost_command;
extern const struct command case_attach_command;
extern const struct command case_code_command;
extern const struct command case_definitions_command;
extern const struct command case_draft_command;
extern const struct command case_list_command;
extern const struct command case_move_command;
extern const struct command case_open_command;
extern const struct command case_save_command;
extern const struct command case_show_command;
extern const struct command config_check_command;
extern const struct command config_show_command;
extern const struct command directory_history_command;
extern const struct command directory_notices_command;
extern const struct command directory_search_command;
extern const struct command directory_show_command;
extern const struct command doc_check_command;
extern const struct command doc_confirm_command;
extern const struct command doc_list_command;
extern const struct command doc_paper_command;
extern const struct command doc_preview_command;
extern const struct command doc_print_command;
extern const struct command doc_make_command;
extern const struct command doc_notice_command;
extern const struct command doc_return_command;
extern const struct command doc_review_command;
extern const struct command doc_save_command;
extern const struct command doc_send_command;
extern const struct command doc_show_command;
extern const struct command doc_undo_command;
extern const struct command doc_view_command;
extern const struct command doc_wait_command;
extern const struct command doc_withdraw_command;
extern const struct command doctor_command;
extern const struct command draft_add_command;
extern const struct command draft_check_command;
extern const struct command draft_discard_command;
extern const struct command draft_edit_command;
extern const struct command draft_list_command;
extern const struct command draft_proofread_command;
extern const struct command draft_put_command;
extern const struct command draft_send_command;
extern const struct command draft_show_command;
extern const struct command draft_submit_command;
extern const struct command evidence_export_command;
extern const struct command evidence_verify_command;
extern const struct command explain_command;
extern const struct command folder_command;
extern const struct command hold_add_command;
extern const struct command hold_lift_command;
extern const struct command hold_list_command;
extern const struct command init_gateway_command;
extern const struct command invite_command;
extern const struct command log_audit_command;
extern const struct command log_conflicts_command;
extern const struct command log_prove_command;
extern const struct command module_code_command;
extern const struct command module_init_command;
extern const struct command module_install_command;
extern const struct command module_issue_command;
extern const struct command module_list_command;
extern const struct command module_selftest_command;
extern const struct command module_show_command;
extern const struct command module_zeroise_command;
extern const struct command person_add_command;
extern const struct command person_disable_command;
extern const struct command person_enable_command;
extern const struct command person_link_command;
extern const struct command person_list_command;
extern const struct command queue_list_command;
extern const struct command receipt_list_command;
extern const struct command receipt_save_command;
extern const struct command receipt_verify_command;
extern const struct command register_command;
extern const struct command restore_command;
extern const struct command token_create_command;
extern const struct command token_list_command;
extern const struct command token_revoke_command;
extern const struct command trust_combine_command;
extern const struct command trust_init_command;
extern const struct command trust_key_command;
extern const struct command trust_prepare_command;
extern const struct command trust_publish_command;
extern const struct command trust_rotate_command;
extern const struct command trust_show_command;
extern const struct command trust_sign_command;
extern const struct command webhook_add_command;
extern const struct command webhook_dead_command;
extern const struct command webhook_disable_command;
extern const struct command webhook_enable_command;
extern const struct command webhook_list_command;
extern const struct command webhook_replay_command;
extern const struct command webhook_test_command;

#endif
