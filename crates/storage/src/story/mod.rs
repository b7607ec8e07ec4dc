//! What every store must do, told as rules and checked on a store handed in.
//!
//! Each rule is a function of a [`Scene`] that panics when the store breaks it. A store's tests say
//! `storage::stories!(make)`, where `make()` is a future of a new, empty store and of whatever must
//! live as long, and get one test for each rule; [`crate::stories`] is the list of them.

#![expect(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a rule is told by its name, and fails by panicking"
)]

pub mod accounts;
pub mod attachments;
pub mod deliveries;
pub mod drafts;
pub mod duplicates;
pub mod finishing;
pub mod keeping;
pub mod leases;
pub mod moving;
pub mod nodes;
pub mod oddities;
pub mod orders;
pub mod records;
pub mod resolving;
pub mod scene;
pub mod search;
pub mod waiting;

pub use scene::Scene;

/// One test for each rule of the story, on stores that `$make()` makes. The caller needs tokio.
#[macro_export]
macro_rules! stories {
    ($make:expr) => {
        $crate::stories!(@each $make;
            records: a_record_reads_back_as_it_was_written, the_same_transaction_creates_one_record,
                transactions_that_race_create_one_record, a_tracking_id_is_given_once,
                a_record_that_begins_with_a_request_is_delivered,
                a_change_appends_and_raises_the_version, a_stale_change_writes_nothing,
                of_changes_made_on_one_version_one_wins, a_transaction_finds_its_actions,
                an_undeclared_record_is_deleted_whole, a_declared_record_is_never_deleted,
                a_record_with_an_unfinished_delivery_is_never_deleted,
                a_projection_is_rebuilt_on_its_version_alone, ids_of_records_come_in_pages;
            drafts: a_person_has_one_draft_on_a_record,
            drafts_are_read_page_by_page_or_those_of_one_record, the_same_transaction_saves_one_draft,
                drafts_end_when_something_is_done, drafts_end_with_their_record,
                drafts_end_when_their_person_moves,
                a_draft_on_a_record_that_moved_is_not_kept;
            attachments: a_path_is_one_files, parts_are_added_where_the_file_has_come_to,
                a_file_ends_when_all_of_it_is_here, a_file_that_is_wrong_begins_again_or_goes,
                records_are_found_by_the_files_they_refer_to,
                a_file_that_nobody_has_a_use_for_is_forgotten;
            resolving: an_action_is_resolved_once, a_transaction_does_a_thing_to_a_record_once,
                holding_a_record_may_repeat_in_a_transaction,
                a_registration_number_is_on_one_record, a_lost_claim_writes_nothing,
                an_answer_resolves_its_action_and_ends_its_delivery,
                a_decision_before_the_answer_ends_the_delivery,
                a_change_that_fails_leaves_its_neighbours_alone;
            deliveries: a_delivery_begins_with_its_change, a_claim_is_exclusive,
                first_attempts_come_before_retries, a_retry_waits_for_its_time,
                of_one_record_deliveries_go_in_order,
                a_lease_that_ran_out_is_claimed_by_another,
                a_kind_that_is_excepted_is_left, released_claims_are_due_at_once,
                the_next_time_is_known;
            finishing: attempts_are_kept_first_to_last, a_result_is_written_once,
                an_expired_code_is_never_claimed, a_fresh_code_takes_the_place_of_the_old_one,
                what_is_finished_keeps_no_body, totals_count_by_kind_and_state;
            leases: a_delivery_may_begin_with_its_first_attempt,
                a_first_attempt_that_is_never_made_is_made_by_another,
                a_delivery_behind_another_of_its_record_begins_queued,
                a_delivery_of_a_paused_kind_begins_queued,
                only_a_change_to_a_record_begins_with_an_attempt,
                what_is_handed_back_was_never_tried, a_claim_that_was_lost_is_not_handed_back,
                owners_that_claim_at_once_share_what_is_due,
                the_longest_due_go_first_whatever_their_kinds,
                however_many_of_a_kind_are_left_the_others_are_claimed;
            orders: deliveries_are_listed_newest_first_a_page_at_a_time,
                deliveries_are_found_by_what_became_of_them, what_is_paused_is_claimed_by_nobody,
                what_is_queued_is_sent_now_when_told,
                a_delivery_is_sent_once_more_while_its_action_waits,
                what_is_decided_is_never_sent_again, a_decision_ends_what_is_sent_once_more,
                what_is_sent_once_more_goes_last_in_its_records_line,
                it_is_known_which_delivery_of_a_record_goes_first,
                orders_to_send_are_kept_as_they_go,
                what_answers_said_is_forgotten_when_nobody_needs_it,
                a_record_with_a_delivery_that_goes_again_is_never_deleted;
            nodes: nodes_that_live_are_known, a_name_belongs_to_its_latest_run,
                a_silent_nodes_claims_are_due_at_once, a_duty_is_one_nodes_at_a_time,
                who_leaves_or_falls_silent_has_no_duties;
            waiting: a_requested_action_waits_until_it_is_decided,
                what_a_record_begins_with_waits_too, nothing_of_a_deleted_record_waits,
                what_waits_is_listed_oldest_first_a_page_at_a_time,
                what_waits_is_found_by_record_type_age_and_delivery,
                what_waits_is_counted_by_type_and_age;
            oddities: a_nul_in_a_text_is_kept, what_looks_like_an_escape_is_kept,
                letters_of_every_kind_are_kept, a_text_of_a_million_letters_is_kept,
                numbers_are_kept_as_they_were_read, a_configuration_is_kept_to_the_letter;
            search: is_compares_exactly, one_of_takes_any, between_includes_its_bounds,
                present_means_not_null, like_finds_words_anywhere, text_finds_beginnings_of_words,
                flags_follow_the_record, filters_combine, any_name_can_be_a_field,
                pages_are_sorted_and_counted, many_conditions_are_no_problem,
                a_word_is_found_under_its_name, a_word_is_found_in_spite_of_a_slip,
                numbers_compare_as_numbers;
            duplicates: keys_are_found_by_block_text_and_day,
                texts_that_are_nearly_the_same_are_found, no_record_is_its_own_duplicate,
                too_many_candidates_are_told_of, keys_follow_the_record,
                a_change_is_stale_when_a_candidate_came_meanwhile;
            accounts: usernames_are_compared_without_case, a_username_is_taken_once,
                an_account_that_was_changed_meanwhile_is_not_changed_back,
                a_mobile_and_a_mail_address_belong_to_one_account,
                credentials_stay_unless_new_ones_are_given,
                sessions_end_with_the_credentials_that_say_so, users_are_filtered_and_paged,
                a_challenge_is_taken_once, a_challenge_is_replaced_by_its_nonce,
                system_clients_are_kept,
                a_system_client_that_was_changed_meanwhile_is_not_changed_back, nodes_that_start_together_agree_on_a_key,
                a_revoked_token_stays_revoked;
            keeping: places_are_replaced_and_counted, configuration_is_saved_together,
                audit_is_listed_newest_first, audit_is_searched_newest_first, what_is_audited_again_is_kept_once, rebuilds_are_kept_until_they_are_forgotten;
        );
    };
    (@each $make:expr; $($chapter:ident: $($rule:ident),+;)+) => {
        $(mod $chapter {
            use super::*;
            $(#[tokio::test]
            async fn $rule() {
                let (store, _keep) = $make().await;
                let scene = $crate::story::Scene::new(std::sync::Arc::new(store));
                $crate::story::$chapter::$rule(&scene).await;
            })+
        })+
    };
}
