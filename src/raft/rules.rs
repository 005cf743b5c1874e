//! The rules of the paper, each of which can be switched off by name.
//!
//! Switching one off is how a lesson shows what the rule is for, and how a test proves that the
//! checkers see the damage. All are on unless a scenario says otherwise.

use crate::base::switches;

switches! {
    /// One rule of the protocol.
    pub enum Rule;
    /// Which rules are off.
    pub struct Rules;
    /// A server votes for at most one candidate in a term (section 5.2).
    OneVotePerTerm = "one-vote-per-term",
    /// A vote needs a candidate whose log is at least as up-to-date (section 5.4.1).
    LogUpToDate = "log-up-to-date",
    /// Followers refuse entries whose predecessor they don't hold (section 5.3).
    PreviousEntryMatches = "previous-entry-matches",
    /// A leader never overwrites or deletes its own entries (section 5.3).
    LeaderAppendOnly = "leader-append-only",
    /// Followers truncate only where an entry conflicts (figure 2, AppendEntries 3).
    TruncateOnlyOnConflict = "truncate-only-on-conflict",
    /// A leader counts replicas only for entries of its own term (section 5.4.2).
    CommitOwnTermOnly = "commit-own-term-only",
    /// Elections and commits need a majority; off: one server less is enough (section 5.2).
    MajorityQuorum = "majority-quorum",
    /// A new leader writes a no-op of its own term (section 8).
    NoopOnElection = "noop-on-election",
    /// A vote is durable before it is sent (figure 2, persistent state).
    PersistVote = "persist-vote",
    /// Entries are durable before they are acknowledged (figure 2, persistent state).
    PersistLog = "persist-log",
    /// A retried command runs once (section 8). Kept by the key-value store.
    SessionDedup = "session-dedup",
    /// A read waits for a quorum round that began after it (section 8).
    ReadIndexQuorum = "read-index-quorum",
    /// A server asks whether it would be elected before it begins a term (dissertation 9.6).
    PreVote = "pre-vote",
    /// A leader that hears no majority for an election timeout resigns (dissertation 6.2).
    CheckQuorum = "check-quorum",
    /// Who heard a leader within the minimum election timeout ignores candidates (dissertation
    /// 4.2.3).
    LeaderStickiness = "leader-stickiness",
    /// A server that has just started ignores candidates for a minimum election timeout: before
    /// it went down, it may have heard a leader that relies on it (dissertation 6.4.1).
    LeaseRestartWait = "lease-restart-wait",
    /// Several voters change through a joint configuration (section 6); off: at one stroke.
    JointConsensus = "joint-consensus",
    /// A leader changes the membership only after it has committed an entry of its own term (the
    /// bug of 2015 in single-server changes, dissertation 4.1).
    NoopBeforeChange = "noop-before-change",
    /// A configuration takes effect when it is appended (section 6); off: when it is committed.
    ConfigurationOnAppend = "configuration-on-append",
    /// A change of membership waits for the one before it (dissertation 4.1).
    OneChangeAtATime = "one-change-at-a-time",
    /// A leader that was removed steps down once that is committed (section 6).
    RemovedLeaderStepsDown = "removed-leader-steps-down",
    /// Only a learner that has caught up becomes a voter (dissertation 4.2.1).
    LearnerCatchesUp = "learner-catches-up",
    /// A lease is shorter than the minimum election timeout by what clocks may disagree on
    /// (dissertation 6.4.1).
    LeaseMargin = "lease-margin",
    /// A server without its bootstrap record takes no part: an empty disk may be a lost one (figure
    /// 2, persistent state). Kept by the machine.
    BootstrapRecord = "bootstrap-record",
    /// Every record has a checksum: a bad one is never taken for a good one (figure 2, persistent
    /// state). Kept by the machine.
    DiskChecksum = "disk-checksum",
    /// Answers name the disk that they come from: what another disk held counts no more (figure 2,
    /// persistent state).
    DiskIncarnation = "disk-incarnation",
}

impl Rule {
    /// Whether nothing is lost without it, and the cluster may stand still, or change its leaders
    /// without need.
    pub const fn is_for_liveness(self) -> bool {
        matches!(
            self,
            Rule::PreVote
                | Rule::CheckQuorum
                | Rule::LeaderStickiness
                | Rule::LeaseRestartWait
                | Rule::NoopOnElection
                | Rule::LearnerCatchesUp
        )
    }
}

impl Rules {
    /// The paper's figure 2 and no more: elections without what the dissertation adds to them.
    pub const FIGURE_2: Rules = Rules::ALL
        .without(Rule::PreVote)
        .without(Rule::CheckQuorum)
        .without(Rule::LeaderStickiness)
        .without(Rule::LeaseRestartWait);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_left_out_by_name() {
        let base = Rules::ALL.without(Rule::PersistVote);
        assert_eq!(base.but(""), Ok(base));
        let less = base.but("-pre-vote, check-quorum");
        let off: Vec<_> = less.unwrap().off().collect();
        assert_eq!(off, [Rule::PersistVote, Rule::PreVote, Rule::CheckQuorum]);
        assert_eq!(base.but("all"), Ok(Rules::ALL));
        assert_eq!(base.with(Rule::PersistVote), Rules::ALL);
        let error = base.but("-pre-vote,-<b>").unwrap_err().to_string();
        assert!(error.starts_with("there is no rule “<b>”; there are one-vote"));
    }
}
