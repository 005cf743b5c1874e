//! Sentences whose proof stands elsewhere, and what was left out, with the reason.

use super::Row;

pub const TABLE: &[Row] = &[
    (
        "figure 2, AppendEntries",
        "Several entries may travel in one message, none is a heartbeat; the leader is named, so that followers can send clients there.",
        "scripts/replication, paper::figure_2::command_is_appended",
    ),
    (
        "figure 2, AppendEntries",
        "The answer carries the follower's term, for a leader that is out of date.",
        "scripts/old_term",
    ),
    (
        "figure 2, RequestVote",
        "The candidate names its term and its last entry; the answer carries the voter's term.",
        "scripts/log_up_to_date, scripts/old_term",
    ),
    (
        "figure 2, leaders",
        "What a majority holds of the own term is committed, and nothing else is.",
        "paper::sections::commit_needs_a_durable_majority, paper::sections::old_terms_are_not_counted",
    ),
    (
        "figure 3, Election Safety",
        "A term has at most one leader: checked at every election, and broken when a server votes twice.",
        "soak::storms_break_nothing_and_pass, invariants::a_second_vote_breaks_election_safety",
    ),
    (
        "figure 3, Leader Append-Only",
        "A leader never rewrites its log: checked at every write.",
        "soak::storms_break_nothing_and_pass, invariants::a_leader_that_listens_to_a_second_one_breaks_leader_append_only",
    ),
    (
        "figure 3, Log Matching",
        "Two logs with the same entry agree up to there: checked at every write by a hash of the log so far.",
        "soak::storms_break_nothing_and_pass, invariants::an_unchecked_predecessor_breaks_log_matching",
    ),
    (
        "figure 3, Leader Completeness",
        "What is committed in a term is in the log of every later leader: checked at every election and commit.",
        "soak::storms_break_nothing_and_pass, invariants::a_vote_for_a_stale_log_breaks_leader_completeness",
    ),
    (
        "figure 3, State Machine Safety",
        "No two servers apply different entries at the same index: checked whenever one is applied.",
        "soak::storms_break_nothing_and_pass, invariants::applying_what_the_leader_did_not_mean_breaks_state_machine_safety",
    ),
    (
        "5.1",
        "Followers send clients on to the leader.",
        "network::a_client_is_redirected_or_gives_up",
    ),
    (
        "5.1",
        "A leader or candidate that learns of a newer term becomes a follower; what an old term asks is refused.",
        "scripts/old_leader, scripts/old_term, paper::figure_2::newer_terms_are_adopted",
    ),
    (
        "5.1",
        "Two servers may believe that they lead, each in a term of its own.",
        "playhead::concurrent_leaders_are_two_leaderships, view::a_minority_leader_shows_two_of_five",
    ),
    (
        "5.2",
        "Votes are given in the order in which candidates ask.",
        "paper::figure_2::one_vote_a_term",
    ),
    (
        "5.2",
        "Servers start as followers and remain it as long as they hear a leader.",
        "determinism::five_servers_elect_a_leader_replicate_and_answer",
    ),
    (
        "5.3",
        "A leader makes odd logs agree with its own: it never deletes an entry of its own, and entries keep index and term.",
        "scripts/figure_7",
    ),
    (
        "5.3",
        "What is committed commits everything before it, whoever wrote that.",
        "paper::sections::old_terms_are_not_counted, scripts/figure_8",
    ),
    (
        "5.3",
        "A minority commits nothing, and its entries are overwritten.",
        "scripts/old_leader, scenarios::no_map_ever_shows_the_write_of_the_minority",
    ),
    (
        "5.4.1",
        "The longest log isn't the most up-to-date one if it ends in an earlier term.",
        "scripts/log_up_to_date",
    ),
    (
        "5.4.2",
        "Counting copies of an old term would commit what a later leader overwrites (figure 8).",
        "stories::an_entry_of_an_earlier_term_is_not_committed_by_counting_copies",
    ),
    (
        "5.4.3",
        "Every leader has what was committed before it; without the rules that keep it so, the check sees it.",
        "invariants::a_vote_for_a_stale_log_breaks_leader_completeness, invariants::truncating_without_conflict_takes_back_what_was_committed",
    ),
    (
        "5.6",
        "Safety doesn't rest on timing: clocks may run at any speed, leap and be set.",
        "clocks::no_clock_keeps_a_cluster_from_working, soak::storms_break_nothing_and_pass",
    ),
    (
        "6",
        "A configuration that is truncated loses its effect with its entry.",
        "scripts/truncated_configuration",
    ),
    (
        "6",
        "Clients are served while servers join and leave.",
        "membership::two_servers_join_under_load_and_become_voters_in_one_step, scenarios::nobody_waits_while_servers_join_and_leave",
    ),
    (
        "6",
        "Whoever hears a leader ignores candidates, so that removed servers don't disturb.",
        "scripts/leader_stickiness, paper::elections::a_candidate_is_ignored_while_a_leader_is_heard",
    ),
    (
        "6",
        "Servers that aren't in the new configuration can be switched off once it is committed.",
        "membership::a_removed_server_is_switched_off_once_that_is_committed",
    ),
    (
        "figure 10",
        "Going over at one stroke lets two majorities decide apart from each other.",
        "rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "figure 11",
        "From old to new by way of both: there is no moment at which old and new could each decide alone.",
        "scripts/joint_consensus",
    ),
    (
        "figure 11",
        "A leader that crashes at any stage is followed by one that goes on, or back if nobody knew.",
        "scripts/joint_leader_crash",
    ),
    (
        "7",
        "A follower that is only a little behind is spared the snapshot.",
        "scripts/snapshot_keep",
    ),
    (
        "7",
        "Logs stay short under load, and all servers' states agree.",
        "snapshots::logs_stay_short_and_the_states_agree",
    ),
    (
        "figure 12",
        "A snapshot holds the last index and term that it covers, the configuration as of there, and the state.",
        "paper::snapshots::a_snapshot_resets_the_state, scripts/snapshot",
    ),
    (
        "figure 13",
        "Chunks are sent in order; the follower's answers carry its term.",
        "scripts/snapshot, paper::snapshots::snapshot_of_an_old_term_is_refused",
    ),
    (
        "figure 13",
        "A chunk that is lost, doubled or late does no harm.",
        "scripts/snapshot_lost_chunk, scripts/snapshot_newer",
    ),
    (
        "8",
        "A server that doesn't lead refuses a request and names the leader.",
        "network::a_client_is_redirected_or_gives_up, paper::figure_2::command_is_appended",
    ),
    (
        "8",
        "A command that is retried runs once, and is answered as it was the first time.",
        "network::a_retried_append_runs_once, invariants::a_retry_that_runs_twice_is_seen",
    ),
    (
        "8",
        "A new leader writes a no-op, for it doesn't know yet what is committed.",
        "paper::reads::a_new_leader_waits_for_its_noop, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "8",
        "A leader answers a read only after a majority has answered it: it may have been replaced.",
        "scripts/read_index, live::a_deposed_leader_that_answers_breaks_linearizability_and_can_be_ignored",
    ),
    (
        "diss. 3.8",
        "Term, vote and log survive a crash, or a server would vote twice, and what was acknowledged would be lost.",
        "stories::a_vote_that_a_crash_forgets_is_given_twice, stories::an_entry_that_a_crash_forgets_must_not_be_acknowledged",
    ),
    (
        "diss. 3.8",
        "What wasn't on the disk was said to nobody.",
        "scripts/crash_before_sync, network::a_crash_loses_what_was_not_synced_and_nothing_else",
    ),
    (
        "diss. 3.8",
        "The state machine is rebuilt from the snapshot and the log behind it.",
        "snapshots::a_server_that_was_away_gets_the_snapshot_and_one_that_restarts_has_its_own",
    ),
    (
        "diss. 3.8",
        "A server that lost what it had promised doesn't come back as itself.",
        "disks::a_corrupt_disk_takes_no_part_and_says_why, scripts/disk_replaced, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 3.9",
        "Availability comes back when faults end: a client is answered within ten seconds.",
        "soak::storms_break_nothing_and_pass, sweep::storms_of_every_profile_break_nothing_and_pass",
    ),
    (
        "diss. 3.10",
        "Clients hardly notice that the leadership is handed over.",
        "clocks::a_leader_hands_over_under_load",
    ),
    (
        "diss. 3.10",
        "The transfer message by message: the log first, then TimeoutNow, then votes that nobody refuses out of loyalty.",
        "scripts/transfer",
    ),
    (
        "diss. 4.1",
        "Majorities before and after a change of one voter share a server.",
        "rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 4.1",
        "Without the fix of 2015, two leaders' changes that each touch one voter can lose an entry.",
        "scripts/bug_of_2015, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 4.2.1",
        "A change that waits for a server which never catches up is given up.",
        "membership::strangers_learn_first_and_a_change_that_cannot_be_made_is_given_up",
    ),
    (
        "diss. 4.2.1",
        "A newcomer knows nobody, and gets the log without a vote.",
        "scripts/learners",
    ),
    (
        "diss. 4.2.2",
        "The removal of a leader, message by message.",
        "scripts/removed_leader",
    ),
    (
        "diss. 4.2.4",
        "As long as majorities are up a change comes to its end, under whichever leader.",
        "membership::the_operator_asks_the_next_leader",
    ),
    (
        "diss. 4.2.4",
        "A voter that has nothing yet can stall the cluster: as a learner it doesn't.",
        "rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 4.3",
        "Any change of voters takes one joint configuration, which ends by itself or when somebody says so.",
        "scripts/joint_consensus, scripts/joint_stays, membership::a_joint_configuration_may_stay_until_somebody_ends_it",
    ),
    (
        "diss. 4.4",
        "New servers are added before old ones are removed, and one that was removed comes back only under a new number.",
        "membership::a_removed_server_is_switched_off_once_that_is_committed, membership::two_servers_join_under_load_and_become_voters_in_one_step",
    ),
    (
        "diss. 6.1",
        "Clients learn of servers that join and forget those that are gone.",
        "scenarios::nobody_waits_while_servers_join_and_leave",
    ),
    (
        "diss. 6.2",
        "A leader cut off doesn't keep its clients waiting for ever: it resigns, and they go elsewhere.",
        "scripts/check_quorum, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 6.3",
        "Each command has a number in its client's session; the state machine remembers what the last one did.",
        "network::a_retried_append_runs_once, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 6.3",
        "Sessions are part of the replicated state, and of snapshots.",
        "snapshots::a_snapshot_of_another_state_breaks_state_machine_safety",
    ),
    (
        "diss. 6.3",
        "Sessions expire by the time that leaders write into the log; what comes of an expired one gets an error.",
        "sessions::a_retry_after_its_session_expired_is_an_error, scripts/sessions",
    ),
    (
        "diss. 6.3",
        "What clients see is linearizable, also through retries and crashes.",
        "live::it_agrees_with_a_search_through_the_whole_history, live::storms_under_load_leave_no_answer_undecided",
    ),
    (
        "diss. 6.4",
        "Followers ask the leader for a read index, message by message.",
        "scripts/read_index_followers, clocks::every_server_answers_reads_of_every_level",
    ),
    (
        "diss. 6.4.1",
        "Clocks that drift more than was assumed make lease reads stale, and nothing worse.",
        "rules::every_rule_is_missed_when_it_is_off, clocks::no_clock_keeps_a_cluster_from_working",
    ),
    (
        "diss. 6.4.1",
        "A lease ends before the leadership is handed over.",
        "scripts/lease, scripts/transfer",
    ),
    (
        "diss. 9.6",
        "A server that was cut off comes back without deposing the leader.",
        "scripts/pre_vote, rules::every_rule_is_missed_when_it_is_off",
    ),
    (
        "diss. 10.2.2",
        "Entries that overtake each other are refused and sent again; no more is under way than the window allows.",
        "scripts/overtaken, scripts/pipelining, scripts/lost_entries",
    ),
];

/// Where, what they say, and why it isn't here.
pub const LEFT_OUT: &[Row] = &[
    (
        "5.1",
        "A candidate repeats a request that isn't answered.",
        "Its timer begins another election instead: the outcome is the same, with fewer messages.",
    ),
    (
        "7",
        "Snapshots are taken when the log has reached a size in bytes.",
        "After a number of entries, so that all servers cover the same ones and their states can be compared.",
    ),
    (
        "7",
        "A snapshot is written in the background, from a copy on write.",
        "Taking one costs no simulated time (the maps share their parts); making it durable does, and work goes on meanwhile.",
    ),
    (
        "figure 13, 6",
        "Entries that a received snapshot covers are deleted where the log goes on behind them.",
        "They stay until the server compacts its own log: nothing depends on it.",
    ),
    (
        "diss. 3.8",
        "A state machine on disk remembers how far it has applied.",
        "The store lives in memory and is rebuilt.",
    ),
    (
        "diss. 3.8",
        "After most disks were lost, an operator may start over from what is left.",
        "That gives up what was promised. The cluster stalls, and says so.",
    ),
    (
        "diss. 4.2.1",
        "After a fixed number of rounds a newcomer is turned down.",
        "It goes on catching up as a learner; who asked for it to vote gives up after a while.",
    ),
    (
        "diss. 4.4",
        "A cluster begins with one server, whose log begins with a configuration.",
        "The founders know each other from their bootstrap record; every later server begins as the text says, knowing nobody.",
    ),
    (
        "diss. 4.4",
        "Servers that fail are replaced automatically.",
        "A person, or chaos, does it: the controller that will is a later part.",
    ),
    (
        "diss. 6.1",
        "Clients find the cluster by broadcast or in a directory.",
        "They are told of every server: finding them shows nothing of Raft.",
    ),
    (
        "diss. 6.2",
        "A server may pass a client's command on to the leader.",
        "It names the leader instead. Reads it does pass on (6.4).",
    ),
    (
        "diss. 6.3",
        "A client registers its session with a command of its own, and keeps it alive.",
        "Its first command opens it, under a number that is never opened twice; after a long silence it opens another.",
    ),
    (
        "diss. 6.3",
        "A client may have several commands under way.",
        "It has one at a time, so that its session is one number and one answer.",
    ),
    (
        "diss. 6.4.1",
        "A client names the index of the newest state that it has seen, so that it never sees an older one.",
        "A read that may be stale says so and is marked; every other read is linearizable.",
    ),
    (
        "diss. 10.1",
        "Threads for peers, disk and state machine.",
        "The protocol is one pure function; whoever drives it decides what runs beside what.",
    ),
];
