// The types of the JavaScript API, kvorum-api.js.
//
// Times in actions, settings, events and views are whole microseconds; those of run, seek and now are
// milliseconds. Shares are parts per million. Seeds and hashes are strings: numbers would round them.

/** Resolves when the engine has been loaded: nothing works before. */
export const ready: Promise<unknown>;

/** The version of the site that the module belongs to. */
export const build: string;

/** What can't be done. Nothing has changed then. */
export class KvorumError extends Error {
  constructor(field: string, why: string, options?: ErrorOptions);
  /** The argument or the part of it that is wrong: `settings.nodes`. The message begins with it. */
  field: string;
}

/** What a run begins with. */
export type Options = {
  /** The id of a scenario, one of `Kvorum.scenarios()`; without it, `lab`. */
  scenario?: string | null;
  /** A whole number below 2^64, in decimal; without it, a fresh one. */
  seed?: string | null;
  /** Settings in place of the scenario's, all or some, at every depth. */
  settings?: Settings;
};

/** A run of a cluster. What can't be done throws a `KvorumError`. */
export class Kvorum {
  /** The beginning of a run. */
  constructor(options?: Options);
  /** The ids of all scenarios. */
  static scenarios(): Array<string>;
  /** Gives the run's memory back. Whatever is asked of it afterwards is refused. */
  free(): void;
  /** The id of the scenario. */
  readonly scenario: string;
  /** The seed, in decimal. */
  readonly seed: string;
  /** Where the run is, in milliseconds since its beginning. */
  readonly now: number;
  /** Does something. In the past, that begins a new branch; the answer is its number, else undefined. */
  act(action: Action): number | undefined;
  /**
   * Runs on for so many milliseconds of virtual time; a broken property, or a limit of the settings,
   * stops the clock earlier: the view's `violation`, or `stopped`, says why. Returns where the run is
   * then, in milliseconds.
   */
  run(ms: number): number;
  /**
   * Goes to an instant of this branch, in milliseconds since the beginning; later than its newest one,
   * to that. Returns where the run is then, in milliseconds.
   */
  seek(ms: number): number;
  /** Takes the last action of this branch back, with all that came after it. Whether there was one. */
  undo(): boolean;
  /** Goes to another branch, by the number that `act` gave; 0 is the first. */
  switchTo(branch: number): void;
  /** Everything that a screen would show. */
  view(): ClusterView;
  /** The nodes and shards of a store of many shards; undefined in a run of one group. */
  store(): StoreView | undefined;
  /** What is waited for and what stands in its way; nothing if nothing is waited for. */
  whyNothingMoves(): Array<ToldReason>;
  /** The retained events from number `since` on, up to now. */
  events(since: number): Array<ToldEvent>;
  /** The event with number `seq` of this branch and what led to it, the newest first. */
  why(seq: number): Array<ToldEvent>;
  /** The hash of all events so far, 16 hexadecimal digits: equal for equal runs. */
  hash(): string;
  /** What was done on this branch, in order. */
  journal(): Array<JournalEntry>;
}

/** What the runs of a sweep have in common. */
export type SweepPlan = {
  /** How rough; without it, `rough`. */
  profile?: "calm" | "rough" | "hostile" | "cluster" | null;
  /** How many servers; without it, each run draws its own number. */
  nodes?: number | null;
  /** The rules of the protocol. */
  rules?: Rules;
  /** How long the faults last, in milliseconds. */
  storm?: number | null;
};

/** Runs `count` seeds from `from` on (a whole number in decimal) and says what came of them. */
export function sweep(plan: SweepPlan | undefined, from: string, count: number): Swept;

/**
 * The failing run of a plan from a seed, made as small as it gets within `tries` tries. Undefined if it
 * doesn't fail.
 */
export function shrink(plan: SweepPlan | undefined, seed: string, tries: number): Recording | undefined;

// The rest is made from the types in Rust, by the tests of src/schema.

/** One thing that a person does. */
export type Action =
  /** A client sends an operation. The first client without an operation under way takes it. */
  | {
    action: "request";
    /** How often to try before giving up; 0: as the run's client settings say. */
    attempts?: number;
    /** The operation. */
    operation: Operation;
    /** The server to ask first; `null`: the one that the client takes for the leader. */
    to?: NodeId | null;
  }
  /** Clients send operations of their own from now on, so many per simulated second in all. */
  | {
    action: "set_load";
    /** Operations per simulated second; 0 stops them. */
    per_second: number;
  }
  /** The server loses its memory and everything that was not synced. */
  | {
    action: "crash";
    /** The server. */
    node: NodeId;
  }
  /** A crashed server starts again from its disk. */
  | {
    action: "restart";
    /** The server. */
    node: NodeId;
  }
  /** The server stops as if suspended: memory kept, messages wait. */
  | {
    action: "pause";
    /** The server. */
    node: NodeId;
  }
  /** A paused server goes on. */
  | {
    action: "resume";
    /** The server. */
    node: NodeId;
  }
  /**
   * The server's election timer runs out now, as if its clock had leapt ahead. With PreVote
   * nothing comes of it while the others hear a leader. Leases assume that clocks don't leap: a
   * lease read may be stale after it.
   */
  | {
    action: "time_out";
    /** The group of its replica. */
    group?: GroupId;
    /** The server. */
    node: NodeId;
  }
  /**
   * Only who is in the same group hears each other. Replaces an earlier partition. Servers in no
   * group stand alone; clients and the operator in no group hear everybody.
   */
  | {
    action: "partition";
    /** The groups. */
    groups: Array<Array<Address>>;
  }
  /** Ends the partition. Cuts of single links stay. */
  | {
    action: "heal";
  }
  /** One link carries nothing any more, in this direction only. */
  | {
    action: "cut";
    /** The sending end. */
    from: Address;
    /** The receiving end. */
    to: Address;
  }
  /** Undoes `Action::Cut` and `Action::SetLink` for this direction. */
  | {
    action: "restore";
    /** The sending end. */
    from: Address;
    /** The receiving end. */
    to: Address;
  }
  /** Changes one link in one direction. */
  | {
    action: "set_link";
    /** The sending end. */
    from: Address;
    /** Its new settings. */
    link: LinkSettings;
    /** The receiving end. */
    to: Address;
  }
  /** Changes every link that has no settings of its own. */
  | {
    action: "set_network";
    /** The new settings. */
    link: LinkSettings;
  }
  /** Changes how long a server's fsync takes. */
  | {
    action: "set_disk";
    /** The longest fsync. */
    fsync_max: Span;
    /** The shortest fsync. */
    fsync_min: Span;
    /** The server. */
    node: NodeId;
  }
  /** Loses a message that is under way. */
  | {
    action: "drop";
    /** The message. */
    message: number;
  }
  /** Delivers a message later. */
  | {
    action: "delay";
    /** How much later. */
    by: Span;
    /** The message. */
    message: number;
  }
  /** Delivers a message twice. */
  | {
    action: "duplicate";
    /** The message. */
    message: number;
  }
  /** Delivers a message at once. */
  | {
    action: "deliver_now";
    /** The message. */
    message: number;
  }
  /** Random faults from now on, drawn from the seed; all zero stops them. */
  | {
    action: "set_chaos";
    /** How rough. */
    chaos: Chaos;
  }
  /** A leader hands its leadership over (dissertation 3.10). */
  | {
    action: "transfer_leadership";
    /** The leader. */
    from: NodeId;
    /** The group of its replica. */
    group?: GroupId;
    /** The server that shall lead. */
    to: NodeId;
  }
  /** The server takes a snapshot now, and compacts its log. */
  | {
    action: "compact";
    /** The group of its replica. */
    group?: GroupId;
    /** The server. */
    node: NodeId;
  }
  /** Sets a server's clock. If that moves it, the server sees it leap. */
  | {
    action: "set_clock";
    /** How much faster it runs from now on, in parts per million; negative: slower. */
    drift: number;
    /** The server. */
    node: NodeId;
    /** How far ahead of true time, in microseconds; negative: behind. */
    skew: number;
  }
  /** Moves a server's clock. */
  | {
    action: "jump_clock";
    /** By how many microseconds; negative: back. */
    by: number;
    /** The server. */
    node: NodeId;
  }
  /** Something happens to the server's disk. */
  | {
    action: "disk";
    /** What. */
    fault: DiskFault;
    /** The server. */
    node: NodeId;
  }
  /** Switches rules on and off, for all servers at once, also for those that are down. */
  | {
    action: "set_rules";
    /** The rules that hold from now on. */
    rules: Rules;
  }
  /**
   * Sets up one more server, which joins as a learner (dissertation 4.2.1). It has the next
   * number. This and the following actions tell the operator, who asks the leader, and the next
   * one, until it is done.
   */
  | {
    action: "add_server";
  }
  /** A learner shall vote. */
  | {
    action: "promote_server";
    /** The server. */
    node: NodeId;
  }
  /** A server shall be no member any more. Then it is switched off for good. */
  | {
    action: "remove_server";
    /** The server. */
    node: NodeId;
  }
  /** Exactly these shall be the members (section 6). Strangers among the voters learn first. */
  | {
    action: "change_members";
    /** Who shall get the log without a vote. */
    learners?: Array<NodeId>;
    /** Who shall vote. */
    voters: Array<NodeId>;
    /** How to get there. */
    way?: Way;
  }
  /** Ends a joint configuration that stays until somebody does. */
  | {
    action: "leave_joint";
  }
  /**
   * The machine of a server that takes no part, because its disk is corrupt or was wiped, comes
   * back with an empty disk as one more server, with the next number. The operator has it learn
   * and then, in one step, take the old number's place.
   */
  | {
    action: "rejoin_server";
    /** The server that takes no part. */
    node: NodeId;
  }
  /** Changes every link between a client and a server, in both directions. */
  | {
    action: "set_client_network";
    /** The new settings. */
    link: LinkSettings;
  }
  /**
   * Changes a server's priority in elections, also for its next starts: see
   * `Settings::priorities`.
   */
  | {
    action: "set_priority";
    /** The group of its replica. */
    group?: GroupId;
    /** The server. */
    node: NodeId;
    /** Its priority. */
    priority: number;
  };

/** Whoever sends and receives: a server's number, a client `"c1"`, or `"operator"`. */
export type Address = number | `c${number}` | "operator";

/** What a server's disk holds before the run begins. */
export type Beginning = {
  /** The term of each entry of its log, from index 1 on. */
  log: Array<number>;
  /** Its current term. */
  term: number;
};

/** Where a range of keys can be cut in two: what is to begin the second part. */
export type Border =
  /** A slot. */
  | number
  /** A key. */
  | string;

/** A broken property. */
export type Broken = {
  /** When. */
  at: Time;
  /** The name of the property (figure 3): "Election Safety", … */
  property: string;
  /** What was seen, in one sentence. */
  what: string;
};

/** Random faults. Each rate is the chance that the fault begins within one simulated second. */
export type Chaos = {
  /**
   * A fault waits for a moment, such as a write that isn't durable or a joint configuration, and
   * strikes then. Each run draws from its seed which faults wait for what.
   */
  ambush?: Ratio;
  /**
   * A server's clock runs too fast or too slow for a while, or is set wrong, and then set right.
   */
  clock?: Ratio;
  /**
   * A bit flips in a record that was durable: the server is lost once it restarts. More than half
   * of the voters are left alone.
   */
  corrupt?: Ratio;
  /** A server crashes, and restarts after a while. */
  crash?: Ratio;
  /** One link is cut in one direction, and restored after a while. */
  cut?: Ratio;
  /**
   * Whoever leads is cut off, pauses or crashes at a chosen moment, and whoever met that before
   * comes back: several times, each at another moment.
   */
  depose?: Ratio;
  /** A server's fsync is slow for a while. */
  disk?: Ratio;
  /** A server's clock runs too fast or too slow, by no more than the servers reckon with. */
  drift?: Ratio;
  /** Messages under way, or copies of them, arrive much later: after elections and restarts. */
  former?: Ratio;
  /** A server's disk is full for a while. */
  full?: Ratio;
  /** One link loses, duplicates, delays and reorders messages for a while. */
  link?: Ratio;
  /** A server is added, removed or exchanged; one that lost its disk rejoins. */
  membership?: Ratio;
  /**
   * A server joins a cluster that holds much, and as soon as it votes another voter is down for
   * long.
   */
  newcomer?: Ratio;
  /** The cluster falls into two random groups, and heals after a while. */
  partition?: Ratio;
  /** A server pauses, and resumes after a while. */
  pause?: Ratio;
  /**
   * Clients read at a leader that was deposed and hasn't heard of it, and write at the new one.
   */
  probe?: Ratio;
  /**
   * The members change in any way: by one, by many, through a joint configuration that stays or
   * not, on top of a change under way.
   */
  reshape?: Ratio;
  /**
   * Links are cut so that a shape is left: a bridge, a star, a line, or one side that only speaks
   * or only listens; restored after a while, which may be long.
   */
  shape?: Ratio;
  /** Clients fall silent for a while, send many times as much, or write something large. */
  surge?: Ratio;
  /** The power of a server fails in the middle of a sync; it restarts after a while. */
  tear?: Ratio;
  /** The leader hands over to another server. */
  transfer?: Ratio;
  /**
   * Another server is helped to win an election while the leader may still have a lease: clocks
   * drift within the bound, voters start again, requests for votes are late. Then clients ask
   * both.
   */
  usurp?: Ratio;
  /**
   * A server loses its disk, and takes no part any more. More than half of the voters are left
   * alone.
   */
  wipe?: Ratio;
};

/** A client of the key-value store, written `c1`, `c2`, … */
export type ClientId = number;

/** An operation as its client sees it. */
export type ClientOperationView = (Failed | {}) & {
  /** Tries so far. */
  attempts: number;
  /** When it ended; `null` while it is under way. */
  ended: Time | null;
  /** When the client began. */
  invoked: Time;
  /** The server that was asked last. */
  node: NodeId;
  /** The operation. */
  operation: Operation;
  /** The answer. */
  outcome: Outcome | null;
  /** Its number. */
  sequence: number;
};

/** How patient a client is. */
export type ClientSettings = {
  /** The longest wait before any further try: there the doubling ends. */
  backoff_max?: Span;
  /**
   * The longest wait before the second try. It doubles with every further one; what a client
   * really waits is drawn from the upper half, so that clients don't come back in step.
   */
  backoff_min?: Span;
  /**
   * The most clients that the load uses, each with one operation under way at a time; what comes
   * when all are busy is left out.
   */
  many?: number;
  /** Tries before the client gives up. Following a hint to the leader is a try of its own. */
  max_attempts?: number;
  /**
   * How long a session that runs nothing lives, by the time in the log (dissertation 6.3); 0: for
   * ever. A client that wrote nothing for half of it goes on with another session.
   */
  session_timeout?: Span;
  /** How long a try may take before the client asks again. */
  timeout?: Span;
};

/** One client. */
export type ClientView = {
  /** Its id. */
  id: ClientId;
  /** Its operations, oldest first: the last few that ended, and the one under way. */
  operations: Array<ClientOperationView>;
};

/** A server's clock against true time. */
export type ClockView = {
  /** How much faster it runs, in parts per million; negative: slower. */
  drift: number;
  /** How far it is ahead, in microseconds; negative: behind. */
  skew: number;
};

/** Everything that the screen shows of the cluster. */
export type ClusterView = {
  /** Clients that have done anything, by id. */
  clients: Array<ClientView>;
  /** Events so far. */
  events: number;
  /** The hash of all events so far, 16 hexadecimal digits. */
  hash: string;
  /** The leader of the highest term, if any server leads. */
  leader: NodeId | null;
  /** Links that are not as the run's settings say, in either direction. */
  links: Array<LinkView>;
  /** Who is a member. */
  members: MembersView;
  /** Messages under way, by number. */
  messages: Array<MessageView>;
  /** The servers, by id, without those that are switched off for good. */
  nodes: Array<NodeView>;
  /** The instant. */
  now: Time;
  /** The partition, if there is one. */
  partition: PartitionView | null;
  /**
   * Votes or copies that a decision needs; while two majorities are needed, among the new voters.
   */
  quorum: number;
  /** Messages under way between clients and servers, by number. */
  requests: Array<RequestView>;
  /** The seed of the run, in decimal. */
  seed: string;
  /**
   * Since when something has been waited for in vain, if anything has.
   * `Simulation::why_nothing_moves` says why.
   */
  stalled: Time | null;
  /** The limit that stopped the run, if one did; `stopped_by` has the words. */
  stopped: Stopped | null;
  /** The broken property, if one is broken; `found` has the words. */
  violation: Broken | null;
  /** The properties that are watched. */
  watched: Array<Property>;
};

/** Who is a member, without the votes. */
export type ConfigurationView = {
  /** Those who get the log without a vote. */
  learners: Array<NodeId>;
  /** The old voters of a joint configuration; empty otherwise. */
  outgoing: Array<NodeId>;
  /** The voters; of a joint configuration, the new ones. */
  voters: Array<NodeId>;
};

/** Why a server takes no part: what is wrong with its disk. */
export type DiskError =
  /** The bootstrap record is missing. */
  | {
    why: "not_bootstrapped";
  }
  /** A durable record doesn't have the checksum that it should have. */
  | {
    why: "corrupt";
    /** The record. */
    at: DiskRecord;
  };

/** What is done to a disk. */
export type DiskFault =
  /** The power fails in the middle of its next sync: half a record stays behind. */
  | "tear"
  /** A bit flips in a record that is durable. Found when the server starts the next time. */
  | "corrupt"
  /** No space is left: nothing becomes durable any more. */
  | "fill"
  /** There is space again. */
  | "free"
  /** Everything on it is gone, and the server with it until somebody restarts it. */
  | "wipe";

/** A record on a disk. */
export type DiskRecord =
  /** An entry of the log. */
  | {
    record: "entry";
    /** Its index. */
    index: number;
  }
  /** The snapshot. */
  | {
    record: "snapshot";
    /** The last entry in it. */
    index: number;
  }
  /** The term and the vote. */
  | {
    record: "hard_state";
  };

/** How long a disk takes to make something durable. */
export type DiskSettings = {
  /** The longest fsync. */
  fsync_max?: Span;
  /** The shortest fsync. */
  fsync_min?: Span;
};

/** What is wrong with a disk, as only an onlooker can know before the server reads it. */
export type DiskView = {
  /** A durable record that rots. */
  corrupt: DiskRecord | null;
  /** The longest time that a sync takes. */
  fsync_max: Span;
  /** No space is left. */
  full: boolean;
  /** How often it was wiped. */
  incarnation: number;
  /** Why the server takes no part, if it doesn't. */
  refuses: DiskError | null;
  /** The number under which its machine has come back since. */
  rejoined_as: NodeId | null;
  /** The power fails in its next sync. */
  tearing: boolean;
  /** Half a record stands on it; it is cut off at the next start. */
  torn: DiskRecord | null;
  /** The bootstrap record is gone, and everything else with it. */
  wiped: boolean;
};

/** Why a client doesn't know whether its operation happens. */
export type Doubt =
  /** A try was never answered. */
  | "unanswered"
  /** A leader had appended it to its log, and then led no longer. */
  | "leadership_lost"
  /** Its session has expired, and an earlier try may have run before that. */
  | "session_expired"
  /** The network may have delivered a try twice, and only one of the two was refused. */
  | "maybe_copied";

/**
 * An entry's index and term: together they name the entry (Log Matching, section 5.3). The order
 * is the one of section 5.4.1: a log that ends with the greater id is the more up-to-date one, by
 * term first and index second.
 */
export type EntryId = {
  /** The entry's index. */
  index: number;
  /** The term in which a leader created it. */
  term: number;
};

/** One entry of a log. */
export type EntryView = {
  /** Who is a member from here on, if the entry says so. */
  configuration: ConfigurationView | null;
  /** Its index. */
  index: number;
  /** What it does; `null` for a no-op and for a change of membership. */
  operation: OperationView | null;
  /** Its term. */
  term: number;
};

/** What a client that gave up knows of its operation. */
export type Failed =
  /** It didn't happen, and never will: every try was refused before anything was done. */
  | {
    failure: "definite";
  }
  /** It may have happened, or may happen yet, or never. */
  | {
    failure: "indefinite";
    /** Why it can't be known. */
    why: Doubt;
  };

/** A run that failed. */
export type FailedRun = {
  /** What failed: the name of a property, say. */
  name: string;
  /** Its seed, in decimal. */
  seed: string;
  /** What was seen, in one sentence. */
  what: string;
};

/** The picture of an event in the feed and on the timeline; its family gives the colour. */
export type Glyph =
  /** An election timer ran out. */
  | "timer"
  /** A vote was asked for. */
  | "vote_request"
  /** A vote was given. */
  | "vote_yes"
  /** A vote was refused. */
  | "vote_no"
  /** Somebody became leader. */
  | "crown"
  /** A leader or candidate stepped down. */
  | "step_down"
  /** Entries were appended or sent. */
  | "append"
  /** Entries were stored. */
  | "stored"
  /** Entries were refused. */
  | "refused"
  /** Entries were cut away. */
  | "truncated"
  /** An entry was committed. */
  | "commit"
  /** An entry was applied. */
  | "apply"
  /** A snapshot was taken, sent or installed. */
  | "snapshot"
  /** Something is wrong with a disk. */
  | "disk"
  /** A client asked. */
  | "request"
  /** A client was answered. */
  | "answer"
  /** A client waits in vain, or gave up. */
  | "no_answer"
  /** A read was confirmed by a quorum. */
  | "read"
  /** A message was lost. */
  | "lost"
  /** A server crashed. */
  | "crash"
  /** A server restarted. */
  | "restart"
  /** A server was paused or resumed. */
  | "pause"
  /** A wall went up, or a link was cut. */
  | "wall"
  /** The network healed. */
  | "heal"
  /** A setting was changed. */
  | "setting"
  /** A property was broken. */
  | "violation"
  /** The membership changes. */
  | "members";

/** A Raft group. Those that hold data count from 1; where nobody says which, it is the first. */
export type GroupId = number;

/** An action and when it was done. */
export type JournalEntry = {
  /** What. */
  action: Action;
  /** When. */
  at: Time;
  /** Events of the queue processed before it: exact between simultaneous ones. */
  processed: number;
};

/** A voter that a server does without, and why. */
export type Lack = LackReason & {
  /** The voter. */
  node: NodeId;
};

/** Why a server does without a voter. */
export type LackReason =
  /** It can't take part. */
  | {
    why: "unable";
    /** Why not. */
    how: Unable;
  }
  /** No message gets from one to the other. */
  | {
    why: "unheard";
    /** Who would have to be heard. */
    from: NodeId;
    /** What becomes of the messages. */
    loss: Loss;
    /** By whom. */
    to: NodeId;
  }
  /** Its log is more up-to-date than the candidate's (section 5.4.1). */
  | {
    why: "log_newer";
    /** Where the voter's log ends. */
    ours: EntryId;
    /** Where the candidate's log ends. */
    theirs: EntryId;
  }
  /** The logs are equal, and the voter has the higher priority. */
  | {
    why: "higher_priority";
    /** The voter's. */
    ours: number;
    /** The candidate's. */
    theirs: number;
  }
  /** It hears another leader, and votes for nobody meanwhile (dissertation 4.2.3). */
  | {
    why: "hears_leader";
    /** The leader. */
    leader: NodeId;
  }
  /** It has no vote by its own log: nobody votes for whom it doesn't stand. */
  | {
    why: "no_vote";
  };

/** What a run may hold at most. */
export type Limits = {
  /**
   * The most bytes of all messages under way, of what the servers store, and of the answers that
   * are remembered. A run that has more stops.
   */
  bytes?: number;
  /** The most entries of one log behind its snapshot. A run that has more stops. */
  entries?: number;
  /**
   * The most messages between servers that are under way, with those that wait for a disk or at a
   * paused server. A run that has more stops.
   */
  packets?: number;
  /**
   * The most messages under way between clients and servers, with the requests that servers
   * haven't answered. A run that has more stops.
   */
  requests?: number;
  /**
   * The most things that are due at a time to come: arrivals, timers, the ends of clients'
   * patience. A run that has more stops.
   */
  timers?: number;
};

/** How a link in one direction behaves. */
export type LinkSettings = {
  /** The share of messages that arrive twice. */
  duplicate?: Ratio;
  /** The longest time on the way. */
  latency_max?: Span;
  /** The shortest time on the way. */
  latency_min?: Span;
  /** The share of messages that are lost. */
  loss?: Ratio;
  /** Whether a message may overtake an earlier one. If not, it waits for it, as over TCP. */
  reorder?: boolean;
};

/** A link in one direction. */
export type LinkView = {
  /** Cut as a single link. */
  cut: boolean;
  /** The sending end. */
  from: NodeId;
  /** Its own settings, if it has any. */
  settings: LinkSettings | null;
  /** The receiving end. */
  to: NodeId;
};

/** A log, or the end of it. */
export type LogView = {
  /** The entries shown, contiguous, ending at `last`. */
  entries: Array<EntryView>;
  /** The first index that isn't compacted away; 1 if nothing is. */
  first: number;
  /** The last index of the log; 0 if it is empty. */
  last: number;
};

/** Why a message was lost. */
export type Loss =
  /** The link lost it at random. */
  | "random"
  /** The link was cut. */
  | "cut"
  /** A partition stood between the two. */
  | "partition"
  /** The receiver was down. */
  | "down"
  /** A person dropped it. */
  | "dropped"
  /** The receiver is paused, and no more messages can wait there. */
  | "overflow"
  /** The receiver runs, but takes no part. */
  | "refused";

/** Voters of which every decision needs a majority. */
export type MajorityView = {
  /** match_index of each, as far as the leader knows; empty without one. */
  match_indexes: Array<number>;
  /** How many a decision needs. */
  needed: number;
  /** How each stands to the leader, or, without one, to the candidate of the highest term. */
  segments: Array<Segment>;
  /** The voters, by id. */
  voters: Array<NodeId>;
};

/** What a server is to the cluster. */
export type Member =
  /** It votes. */
  | "voter"
  /** It gets the log without having a vote. */
  | "learner"
  /** It was set up, and no leader has taken it in yet. */
  | "joining"
  /** It is no member any more. */
  | "removed";

/** The members, by the leader; without one, by the longest log that is up. */
export type MembersView = {
  /** Whether that entry is committed, as far as the server knows that says so. */
  committed: boolean;
  /** The entry that says so; 0 for the members of the start. */
  index: number;
  /** Those who get the log without a vote, by id. */
  learners: Array<NodeId>;
  /** The voters; of a joint configuration the new ones first, then the outgoing ones. */
  majorities: Array<MajorityView>;
};

/** What a message between servers is, without its content. */
export type MessageKind =
  /** RequestVote. */
  | {
    type: "request_vote";
    /** The sender's term. */
    term: number;
  }
  /** Its answer. */
  | {
    type: "request_vote_reply";
    /** Yes or no. */
    granted: boolean;
    /** The sender's term. */
    term: number;
  }
  /** AppendEntries with entries. */
  | {
    type: "append_entries";
    /** The first entry's index. */
    first: number;
    /** The last entry's index. */
    last: number;
    /** The sender's term. */
    term: number;
  }
  /** AppendEntries without entries: a heartbeat, or a notice of the commit index. */
  | {
    type: "heartbeat";
    /** The commit index that it carries. */
    leader_commit: number;
    /** The sender's term. */
    term: number;
  }
  /** The answer to AppendEntries. */
  | {
    type: "append_entries_reply";
    /** The index through which the logs agree, or the refused predecessor. */
    index: number;
    /** Whether it was accepted. */
    success: boolean;
    /** The sender's term. */
    term: number;
  }
  /** RequestPreVote. */
  | {
    type: "request_pre_vote";
    /** The sender's term; it would campaign in the next. */
    term: number;
  }
  /** Its answer. */
  | {
    type: "request_pre_vote_reply";
    /** Yes or no. */
    granted: boolean;
    /** The sender's term. */
    term: number;
  }
  /** TimeoutNow. */
  | {
    type: "timeout_now";
    /** The sender's term. */
    term: number;
  }
  /** InstallSnapshot: a part of a snapshot. */
  | {
    type: "install_snapshot";
    /** The first byte of the part, from 1. */
    from: number;
    /** The last entry in the snapshot. */
    last: number;
    /** The sender's term. */
    term: number;
    /** Its last byte. */
    to: number;
    /** The bytes of the whole snapshot. */
    total: number;
  }
  /** The answer to a part of a snapshot that isn't the last one. */
  | {
    type: "install_snapshot_reply";
    /** The bytes that the follower has. */
    bytes: number;
    /** The last entry in the snapshot. */
    last: number;
    /** The sender's term. */
    term: number;
  }
  /** A follower's reads. */
  | {
    type: "read_index";
    /** The sender's term. */
    term: number;
  }
  /** The read index for them. */
  | {
    type: "read_index_reply";
    /** The read index. */
    index: number;
    /** The sender's term. */
    term: number;
  };

/** A message under way. Its place on the link is a pure function of this and the time. */
export type MessageView = {
  /** Whether it is the copy of another message. */
  copy: boolean;
  /** How much later a person made it. */
  delayed: Span;
  /** It will not be received: the receiver is down now, or the link has been cut. */
  doomed: boolean;
  /** When it arrives. */
  due: Time;
  /** The terms of the entries that it carries, oldest first; at most 8. */
  entries: Array<number>;
  /** From where. */
  from: NodeId;
  /** Its number. */
  id: number;
  /** What it is. */
  kind: MessageKind;
  /** When it left. */
  sent: Time;
  /** To where. */
  to: NodeId;
};

/**
 * A machine with its disk, written `S1`, `S2`, …, as is the server on it; never reused for another
 * disk.
 */
export type NodeId = number;

/** One server. */
export type NodeView = {
  /** Its clock. */
  clock: ClockView;
  /** Its commit index. */
  commit_index: number;
  /** The state of its disk. */
  disk: DiskView;
  /** The last entry that is durable on its own disk. */
  durable_index: number;
  /** Its id. */
  id: NodeId;
  /** The snapshot that it is receiving. */
  installing: TransferView | null;
  /** Keys in the store. */
  keys: number;
  /** The last entry that its state machine has applied. */
  last_applied: number;
  /** The leader that it follows. */
  leader: NodeId | null;
  /** When its lease ends, if it leads and has one. */
  lease_until: Time | null;
  /** Its log: all entries, or the last `LOG_WINDOW` of a long one. */
  log: LogView;
  /** The store: keys in order, at most `MAP_WINDOW` of them (the ones written last). */
  map: Array<PairView>;
  /** What it is to the cluster. */
  member: Member;
  /** The same for the outgoing voters, while two majorities are needed. */
  outgoing: Array<Segment>;
  /** Of a leader: what it knows of each other member, by id. Empty otherwise. */
  peers: Array<PeerView>;
  /** Whether it runs. */
  power: Power;
  /** Its priority in elections. */
  priority: number;
  /** One segment per voter, by id: votes of a candidate, contact of a leader. Empty otherwise. */
  ring: Array<Segment>;
  /** Its role (of a crashed server: follower). */
  role: Role;
  /** Its newest snapshot (of a crashed server: the one on its disk). */
  snapshot: SnapshotView | null;
  /** Its current term (of a crashed server: the one on its disk). */
  term: number;
  /** When its election timer was set; drawn as a ring. `null` for leaders and crashed servers. */
  timer: TimerView | null;
  /** Whom it is handing the leadership over to. */
  transfers_to: NodeId | null;
  /** Who has its vote in this term. */
  voted_for: NodeId | null;
  /** Messages that wait because it is paused. */
  waiting: number;
  /** Writes handed to the disk that are not durable yet. */
  writes: number;
};

/** An operation on one key. */
export type Operation =
  /** Read the value. It doesn't go through the log. */
  | {
    op: "get";
    /** The key. */
    key: string;
    /** What the answer has to be. */
    level?: ReadLevel;
  }
  /** Set the value. */
  | {
    op: "put";
    /** The key. */
    key: string;
    /** The new value. */
    value: string;
  }
  /** Put `value` behind what is there; an absent key counts as empty. */
  | {
    op: "append";
    /** The key. */
    key: string;
    /** What is added. */
    value: string;
  }
  /** Remove the key. */
  | {
    op: "delete";
    /** The key. */
    key: string;
  }
  /** Set the value only if it is `expected` now. */
  | {
    op: "cas";
    /** The value that must be there; `null`: the key must be absent. */
    expected?: string | null;
    /** The key. */
    key: string;
    /** The new value. */
    value: string;
  };

/** A command in a log. */
export type OperationView = {
  /** The client. */
  client: ClientId;
  /** The operation. */
  operation: Operation;
  /** The operation's number in the client's session. */
  sequence: number;
};

/** What an operation did. */
export type Outcome =
  /** A read found this; `null`: the key is absent. */
  | {
    outcome: "found";
    /** The value. */
    value: string | null;
  }
  /** A write took effect. */
  | {
    outcome: "done";
  }
  /** A compare-and-swap found something else and changed nothing. */
  | {
    outcome: "differs";
    /** What it found. */
    found: string | null;
  };

/** A key and its value in one server's store. */
export type PairView = {
  /** The key. */
  key: string;
  /** The value. */
  value: string;
  /** The entry that wrote it last. */
  written_at: number;
};

/** A network partition. */
export type PartitionView = {
  /** The groups; every server is in exactly one. */
  sides: Array<SideView>;
  /** Since when. */
  since: Time;
};

/** What a leader knows of another member (figure 2, volatile state on leaders). */
export type PeerView = {
  /** When it answered last. */
  heard: Time | null;
  /** The member. */
  id: NodeId;
  /** Messages with entries under way. */
  in_flight: number;
  /** Whether it gets the log without having a vote. */
  learner: boolean;
  /** match_index. */
  match_index: number;
  /** next_index. */
  next_index: number;
  /** Whether the leader pipelines to it; otherwise it probes with one message at a time. */
  replicating: boolean;
  /** The snapshot that it is being sent. */
  snapshot: TransferView | null;
};

/** The name of a placement. */
export type PlacementName =
  /** As many replicas on each node. */
  | "balanced"
  /** By the nodes' points on a ring of hashes. */
  | "ring"
  /** By the remainder of a division. */
  | "modulo"
  /** On teams of nodes. */
  | "teams";

/** Whether a server runs. */
export type Power =
  /** It runs. */
  | "up"
  /** Suspended: memory kept, messages wait. */
  | "paused"
  /** Down: only its disk is left. */
  | "crashed";

/** A property of every run (figure 3 of the paper, and the clients' view). */
export type Property =
  /** At most one leader in a term (section 5.2). */
  | "election-safety"
  /** A leader only appends to its log (section 5.3). */
  | "leader-append-only"
  /** Logs that hold the same entry agree up to it (section 5.3). */
  | "log-matching"
  /** What was committed in a term is in the log of every leader of a later one (section 5.4). */
  | "leader-completeness"
  /** No two servers apply different entries at the same index (section 5.4.3). */
  | "state-machine-safety"
  /** A command that a client repeats runs once (section 8). */
  | "exactly-once"
  /** Majorities of successive configurations share a server (section 6). */
  | "configuration-safety"
  /** While a server runs, its term and its commit index never go back (section 5.1). */
  | "never-back"
  /** A write that was acknowledged is in the log of every later leader (section 8). */
  | "no-write-lost"
  /**
   * Each operation seems to take effect at one instant between its invocation and its return, as
   * seen by the clients (section 8).
   */
  | "linearizability"
  /**
   * Elections and commits rest on the disks of a majority, and what a disk holds stays until it
   * conflicts (figure 2, persistent state). Not watched once a rule of safety was off.
   */
  | "durable-majority"
  /**
   * A read that must not be stale is answered from nothing older than what was committed when it
   * was asked (section 8), and nobody is elected while a leader's lease runs (dissertation 6.4.1).
   * Not watched once a rule of safety was off, nor of a lease once a clock was wrong.
   */
  | "fresh-reads"
  /**
   * A majority that runs and hears each other commits what it is asked for, and answers (section
   * 5.6). Not watched once a rule was off, unless `Settings::watch_liveness` says so.
   */
  | "progress"
  /**
   * A leader whom a majority hears in time isn't deposed (dissertation 4.2.3, 9.6). Watched as
   * Progress is.
   */
  | "stability"
  /** A command takes effect only in the group that owns its key (a store of many shards). */
  | "one-owner"
  /**
   * The failure detector calls no node dead that it has heard in time (a store of many shards).
   */
  | "accuracy";

/** A share in parts per million: `Ratio(1_000_000)` is one, `Ratio(20_000)` two per cent. */
export type Ratio = number;

/** What a read has to be. */
export type ReadLevel =
  /** It sees every write that was acknowledged before it began (section 8). */
  | "linearizable"
  /**
   * The same, as long as clocks drift no more than `Timing::clock_drift` says (dissertation
   * 6.4.1). The leader asks nobody.
   */
  | "lease"
  /** Whatever the server that is asked has applied. */
  | "stale";

/** How the clients of the load read; what is left is asked of the leader, through ReadIndex. */
export type ReadMix = {
  /** The share of the others that ask any server, which asks the leader. */
  anywhere?: Ratio;
  /**
   * The share of reads under a lease. Stale only if clocks are worse than the clock drift that the
   * servers assume.
   */
  lease?: Ratio;
};

/** An action and when it was done. */
export type Recorded = {
  /** When. */
  at: Time;
  /** What. */
  do: Action;
  /** Events of the queue processed before it. Without it: everything due by then. */
  processed?: number | null;
};

/** A run, up to an instant. */
export type Recording = {
  /** `ENGINE` of whoever recorded it. */
  engine: string;
  /** The hash of the events at the playhead, 16 hexadecimal digits. */
  hash?: string | null;
  /** What was done. */
  journal: Array<Recorded>;
  /** Where the reader was: later actions follow it. */
  playhead: Time;
  /** The scenario whose lesson goes with it, if one does. */
  scenario?: string | null;
  /** The seed. As text, because JSON's numbers are rounded elsewhere. */
  seed: string;
  /** The settings; what is absent is as in `Settings::default`. */
  settings: Settings;
};

/** A message under way between a client and a server. */
export type RequestView = {
  /**
   * `null` on the way to the server; on the way back, whether it brings the outcome. If not, it
   * says that the server doesn't lead.
   */
  answer: boolean | null;
  /** The client. */
  client: ClientId;
  /** The server is down: nobody will take it. */
  doomed: boolean;
  /** When it arrives. */
  due: Time;
  /** Its number. */
  id: number;
  /** The server. */
  node: NodeId;
  /** When it left. */
  sent: Time;
  /** The number of the operation. */
  sequence: number;
};

/** What a server is in its current term (figure 4). */
export type Role =
  /** Passive: answers leaders and candidates. */
  | "follower"
  /** Asks for votes. */
  | "candidate"
  /** Accepts commands and replicates them. */
  | "leader"
  /** Asks whether it would get votes, before it asks for them (dissertation 9.6). */
  | "pre_candidate";

/** The name of a rule of the protocol. */
export type Rule =
  /** A server votes for at most one candidate in a term (section 5.2). */
  | "one-vote-per-term"
  /** A vote needs a candidate whose log is at least as up-to-date (section 5.4.1). */
  | "log-up-to-date"
  /** Followers refuse entries whose predecessor they don't hold (section 5.3). */
  | "previous-entry-matches"
  /** A leader never overwrites or deletes its own entries (section 5.3). */
  | "leader-append-only"
  /** Followers truncate only where an entry conflicts (figure 2, AppendEntries 3). */
  | "truncate-only-on-conflict"
  /** A leader counts replicas only for entries of its own term (section 5.4.2). */
  | "commit-own-term-only"
  /** Elections and commits need a majority; off: one server less is enough (section 5.2). */
  | "majority-quorum"
  /** A new leader writes a no-op of its own term (section 8). */
  | "noop-on-election"
  /** A vote is durable before it is sent (figure 2, persistent state). */
  | "persist-vote"
  /** Entries are durable before they are acknowledged (figure 2, persistent state). */
  | "persist-log"
  /** A retried command runs once (section 8). Kept by the key-value store. */
  | "session-dedup"
  /** A read waits for a quorum round that began after it (section 8). */
  | "read-index-quorum"
  /** A server asks whether it would be elected before it begins a term (dissertation 9.6). */
  | "pre-vote"
  /** A leader that hears no majority for an election timeout resigns (dissertation 6.2). */
  | "check-quorum"
  /**
   * Who heard a leader within the minimum election timeout ignores candidates (dissertation
   * 4.2.3).
   */
  | "leader-stickiness"
  /**
   * A server that has just started ignores candidates for a minimum election timeout: before it
   * went down, it may have heard a leader that relies on it (dissertation 6.4.1).
   */
  | "lease-restart-wait"
  /** Several voters change through a joint configuration (section 6); off: at one stroke. */
  | "joint-consensus"
  /**
   * A leader changes the membership only after it has committed an entry of its own term (the bug
   * of 2015 in single-server changes, dissertation 4.1).
   */
  | "noop-before-change"
  /** A configuration takes effect when it is appended (section 6); off: when it is committed. */
  | "configuration-on-append"
  /** A change of membership waits for the one before it (dissertation 4.1). */
  | "one-change-at-a-time"
  /** A leader that was removed steps down once that is committed (section 6). */
  | "removed-leader-steps-down"
  /** Only a learner that has caught up becomes a voter (dissertation 4.2.1). */
  | "learner-catches-up"
  /**
   * A lease is shorter than the minimum election timeout by what clocks may disagree on
   * (dissertation 6.4.1).
   */
  | "lease-margin"
  /**
   * A server without its bootstrap record takes no part: an empty disk may be a lost one (figure
   * 2, persistent state). Kept by the machine.
   */
  | "bootstrap-record"
  /**
   * Every record has a checksum: a bad one is never taken for a good one (figure 2, persistent
   * state). Kept by the machine.
   */
  | "disk-checksum"
  /**
   * Answers name the disk that they come from: what another disk held counts no more (figure 2,
   * persistent state).
   */
  | "disk-incarnation";

/** Which rules are off. */
export type Rules = {
  off: Array<Rule>;
};

/** A segment of the quorum ring. */
export type Segment =
  /** With this server: the vote was given, or it was heard within an election timeout. */
  | "with"
  /** Not heard (yet). */
  | "silent"
  /** It refused its vote. */
  | "refused";

/** The settings of a run. */
export type Settings = {
  /** Random faults from the start. */
  chaos?: Chaos;
  /** Every link between a client and a server. */
  client_link?: LinkSettings;
  /** Every client. */
  clients?: ClientSettings;
  /** Every server's disk. */
  disk?: DiskSettings;
  /**
   * The operator forgets to switch off servers that were removed: they go on, and may campaign
   * (dissertation 4.2.3).
   */
  keep_removed?: boolean;
  /** What the run may hold at most. */
  limits?: Limits;
  /** Every link between two servers. */
  link?: LinkSettings;
  /** Operations per simulated second that clients send of their own. */
  load?: number;
  /** How many servers, from S1 on. All of them are voters. */
  nodes?: number;
  /**
   * The servers' priorities, S1's first; servers without one have 0. Of two servers with equal
   * logs, the one with the higher priority doesn't vote for the other; so a server isn't elected
   * against a majority of a higher priority that has all its entries.
   */
  priorities?: Array<number>;
  /** How clients read that send operations of their own. */
  reads?: ReadMix;
  /** The rules of the protocol; a lesson may switch some off. */
  rules?: Rules;
  /** A store of many shards, each served by a group of its own. */
  shards?: ShardSettings;
  /** A server takes a snapshot and compacts its log after so many entries; 0: never. */
  snapshot_every?: number;
  /** What the servers' disks hold, S1's first; those without are empty. */
  start?: Array<Beginning>;
  /** The servers' timers and limits. */
  timing?: Timing;
  /**
   * Progress and Stability are watched also where a rule is off that only keeps the cluster going.
   * A lesson shows on purpose what comes of that, and isn't to end there; a laboratory or a sweep
   * wants to find it.
   */
  watch_liveness?: boolean;
};

/** The name of a rule of a store of many shards. */
export type ShardRule =
  /**
   * A command takes effect only where the group's own log says, when it is applied, that the group
   * owns the key.
   */
  | "owner-at-apply"
  /** A read is answered only by a group that owns the key when it is answered. */
  | "owner-at-read"
  /**
   * What a client's session remembers is asked before who owns the key: a command that ran is
   * never refused.
   */
  | "session-before-owner"
  /** Both halves of a split keep all sessions. */
  | "sessions-at-split"
  /** What is absorbed brings its sessions along. */
  | "sessions-at-merge"
  /** A shard that is frozen answers no read but a stale one. */
  | "freeze-refuses-reads"
  /** A command takes no effect in a shard that is frozen. */
  | "freeze-refuses-writes"
  /** A replica absorbs the source as it was when it was frozen, and waits until it can. */
  | "absorb-waits"
  /** A frozen shard goes on only after the log that was to absorb it has refused. */
  | "thaw-needs-refusal"
  /**
   * A replica is born by a split or by a snapshot; before, it gives no vote and takes no entries.
   */
  | "born-with-state"
  /** A replica that was removed stays silent for ever. */
  | "tombstone"
  /** One thing is done to a shard at a time. */
  | "one-change-per-shard"
  /**
   * A group refuses steps that are older than the latest one that it knows, of whatever
   * controller.
   */
  | "controller-fence"
  /** A new controller calls no node dead before it has listened as long as that takes. */
  | "controller-patience";

/** Which of them are off. */
export type ShardRules = {
  off: Array<ShardRule>;
};

/**
 * A store of many shards, each served by a group of its own. Without any there is one group, and
 * every server has all keys.
 */
export type ShardSettings = {
  /** How many shards the store begins with; 0: one group for all keys, without a controller. */
  count?: number;
  /** A node that wasn't heard for so long is dead: its replicas are rebuilt elsewhere. */
  dead_after?: Span;
  /** How often a node tells the controller that it is there, and with what load. */
  heartbeat?: Span;
  /** The keys that the load reads and writes, spread evenly over the alphabet. */
  keys?: number;
  /**
   * Neighbours that have fewer keys together are merged; 0: none are. Where shards are split, at
   * most a quarter of the keys with which they are.
   */
  merge_keys?: number;
  /** Replicas that may move at a time in all. */
  moves?: number;
  /** Replicas that may move away from one node at a time. */
  moves_from?: number;
  /** Replicas that may move to one node at a time. */
  moves_to?: number;
  /** Where replicas should be. */
  placement?: PlacementName;
  /** Failure domains: the nodes stand in so many racks, in turn. */
  racks?: number;
  /** Keys are spread in their order, over ranges; else by their checksum, over slots. */
  ranges?: boolean;
  /** Replicas of each shard. */
  replicas?: number;
  /** Points of each node on the ring, where the placement is one. */
  ring_points?: number;
  /** Which rules of a store of many shards are off, by name. */
  rules?: ShardRules;
  /** A shard with more keys is split; 0: none is. */
  split_keys?: number;
  /** A node that wasn't heard for so long is suspect: it gets nothing new. */
  suspect_after?: Span;
  /** Teams that each node is in, where the placement goes by teams. */
  teams_per_node?: number;
};

/** A shard, by group 0's map. */
export type ShardView = {
  /** The group that serves it. */
  group: GroupId;
  /** The keys that it holds. */
  keys: number;
  /** The leader of the highest term, if there is one. */
  leader: NodeId | null;
  /** Where its replicas are, as the map has it. */
  members: Array<NodeId>;
  /** Its keys: `slots 0–2047`. */
  range: string;
  /** How often these have changed. */
  range_epoch: number;
};

/** The part of the voters that stands on one side of a partition. */
export type ShareView = {
  /** How many of them are here and not crashed. */
  alive: number;
  /** How many a decision needs. */
  needed: number;
  /** How many there are. */
  of: number;
};

/** One side of a partition. */
export type SideView = {
  /** Whether the living ones are enough to elect and to commit. */
  has_quorum: boolean;
  /** The server on this side that leads in the highest term of this side, if any. */
  leader: NodeId | null;
  /** Its servers. */
  nodes: Array<NodeId>;
  /** The voters among them, for each majority that a decision needs: the new voters' first. */
  shares: Array<ShareView>;
};

/** A server's newest snapshot. */
export type SnapshotView = {
  /** The size of the state in bytes. */
  bytes: number;
  /** The last entry in it. */
  index: number;
  /** The term of that entry. */
  term: number;
};

/** A length of virtual time, in microseconds. */
export type Span = number;

/** How far an operation is. */
export type Stage =
  /**
   * The new replica becomes a learner, and catches up; a split is proposed; the source of a merge
   * gets the target's members.
   */
  | "begun"
  /**
   * The members are exchanged, and from here on there is no way back; the source of a merge is
   * frozen and absorbed.
   */
  | "exchange"
  /** It is taken back: the learner goes again, what was frozen goes on. */
  | "revoked";

/** One thing that is waited for, or that stands in its way. */
export type StallReason =
  /** A client has asked and has no answer. */
  | {
    reason: "unanswered";
    /** The server that it asks at present. */
    asks: NodeId;
    /** The client. */
    client: ClientId;
    /** Whom that server takes for the leader. */
    hint: NodeId | null;
    /** The leader that a quorum can hear. */
    leader: NodeId | null;
    /** The operation's number in the client's session. */
    sequence: number;
    /** When it began. */
    since: Time;
    /** Why that server can't help at all, if so. */
    unable: Unable | null;
  }
  /** So many further clients have no answer. */
  | {
    reason: "unanswered_too";
    /** How many. */
    clients: number;
  }
  /** Nobody leads. */
  | {
    reason: "no_leader";
  }
  /** The leader's log goes on behind the commit index. */
  | {
    reason: "uncommitted";
    /** The first entry that isn't committed. */
    first: number;
    /** The last one. */
    last: number;
    /** The leader. */
    leader: NodeId;
  }
  /** So few voters are able to take part that no decision is possible (section 5.2). */
  | {
    reason: "quorum_lost";
    /** Those who could take part. */
    able: Array<NodeId>;
    /** How many a decision needs. */
    needed: number;
    /** Whether these are the outgoing voters of a joint configuration (section 6). */
    outgoing: boolean;
    /** Those who can't, and why. */
    unable: Array<[NodeId, Unable]>;
  }
  /** A leader exchanges messages with less than a quorum. */
  | {
    reason: "leader_cut_off";
    /** With how many voters, itself among them. */
    heard: number;
    /** Those who are missing, and why. */
    lacks: Array<Lack>;
    /** The leader. */
    leader: NodeId;
    /** How many it needs. */
    needed: number;
  }
  /** A server can't win an election as things stand. */
  | {
    reason: "cannot_win";
    /** The server. */
    candidate: NodeId;
    /** The votes that it can't get, and why. */
    lacks: Array<Lack>;
    /** How many it needs. */
    needed: number;
    /** The votes that it could get, its own among them. */
    votes: number;
  }
  /** A server can win an election as things stand, and hasn't begun one, or hasn't won it yet. */
  | {
    reason: "can_win";
    /** The server. */
    candidate: NodeId;
    /** When its election timer runs out, in true time; `null` if it doesn't stand by itself. */
    due: Time | null;
  }
  /**
   * A message and its answer, with what has to reach the disks in between, take longer than
   * servers wait before they stand for election: broadcast time ≪ election timeout (section 5.6).
   */
  | {
    reason: "timeout_too_short";
    /** From one heartbeat to the next and the way to a follower, or a request and its answer. */
    needed: Span;
    /** The shortest election timeout. */
    shortest: Span;
  }
  /**
   * All election timeouts are about the same, so that candidates take each other's votes (section
   * 5.2).
   */
  | {
    reason: "no_range_of_timeouts";
    /** The longest. */
    longest: Span;
    /** How far they should be apart: the way of a request and an fsync. */
    needed: Span;
    /** The shortest election timeout. */
    shortest: Span;
  }
  /** A server's fsync takes longer than an election timeout. */
  | {
    reason: "slow_disk";
    /** Its longest fsync. */
    fsync: Span;
    /** The server. */
    node: NodeId;
  }
  /** A voter lacks entries that the leader has, so that they aren't committed. */
  | {
    reason: "behind";
    /** Where the leader's log ends. */
    last: number;
    /** The leader. */
    leader: NodeId;
    /** What it is known to hold durably. */
    match_index: number;
    /** The voter; the leader itself, if its own disk isn't so far yet. */
    node: NodeId;
  }
  /** The leader sends a snapshot to a server that lacks what the leader's log holds no more. */
  | {
    reason: "snapshot_under_way";
    /** The leader. */
    leader: NodeId;
    /** The bytes that it is known to have. */
    received: number;
    /** The server. */
    to: NodeId;
    /** The bytes that it needs. */
    total: number;
  }
  /** The leader hands over, and takes no writes meanwhile (dissertation 3.10). */
  | {
    reason: "transferring";
    /** The leader. */
    leader: NodeId;
    /** The server that shall lead. */
    to: NodeId;
  }
  /**
   * The leader has committed nothing in its own term, so it doesn't know what is committed and
   * answers no reads (section 8).
   */
  | {
    reason: "nothing_of_its_term";
    /** The leader. */
    leader: NodeId;
    /** Its term. */
    term: number;
  }
  /**
   * All that the leader could commit is of earlier terms, and that alone it may not (section
   * 5.4.2).
   */
  | {
    reason: "only_inherited";
    /** The leader. */
    leader: NodeId;
    /** Its term. */
    term: number;
  }
  /** Every message between clients and servers is lost. */
  | {
    reason: "clients_unheard";
  }
  /** A client and the server that it asks can't exchange messages. */
  | {
    reason: "client_unheard";
    /** Who would have to be heard. */
    from: Address;
    /** What becomes of the messages. */
    loss: Loss;
    /** By whom. */
    to: Address;
  }
  /** A client gives a try up before an answer can be there. */
  | {
    reason: "client_timeout_too_short";
    /** How long a request and its answer may be on their way. */
    needed: Span;
    /** How long it waits. */
    timeout: Span;
  };

/** A change of one shard. */
export type Step =
  /** One replica more. */
  | {
    step: "add";
    /** Of this group. */
    group: GroupId;
    /** There. */
    to: NodeId;
  }
  /** One replica less. */
  | {
    step: "remove";
    /** There. */
    from: NodeId;
    /** Of this group. */
    group: GroupId;
  }
  /** A replica goes elsewhere: one more, and then one less. */
  | {
    step: "move";
    /** Where it is. */
    from: NodeId;
    /** Of this group. */
    group: GroupId;
    /** Where it will be. */
    to: NodeId;
  }
  /** Another replica leads. */
  | {
    step: "lead";
    /** Who leads it. */
    from: NodeId;
    /** This group. */
    group: GroupId;
    /** Who will. */
    to: NodeId;
  };

/** A limit that stopped the run. */
export type Stopped = {
  /** When. */
  at: Time;
  /** The setting: `limits.packets`. */
  limit: string;
  /** What there was too much of, and what can be done, in two sentences. */
  what: string;
};

/** A node, by what group 0 knows of it, and what it has. */
export type StoreNodeView = {
  /** The keys that they hold. */
  keys: number;
  /** Those of them that lead. */
  leaders: number;
  /** Which. */
  node: NodeId;
  /** Its failure domain: what goes down together. */
  rack: number;
  /** The replicas of shards that run there. */
  replicas: number;
  /** What the failure detector, or an operator, says of it. */
  verdict: Verdict;
};

/** An operation of the controller that is under way. */
export type StoreOperationView = {
  /** Its number: they are counted from 1. */
  number: number;
  /** How far it is. */
  stage: Stage;
  /** What is done. */
  task: Task;
};

/** A store of many shards, by what group 0 knows and the servers hold. */
export type StoreView = {
  /** All nodes of the registry. */
  nodes: Array<StoreNodeView>;
  /** Operations of the controller that have begun so far. */
  operations: number;
  /** All shards of the map, in the order of their keys. */
  shards: Array<ShardView>;
  /** Those that are under way, the oldest first. */
  under_way: Array<StoreOperationView>;
};

/** What came of some runs. */
export type Swept = {
  /** How often each kind of thing happened, by its name. */
  coverage: Record<string, number>;
  /** The runs that failed, in the order of their seeds. */
  failures: Array<FailedRun>;
  /** How many. */
  runs: number;
  /** Milliseconds of virtual time, all runs together. */
  simulated: number;
};

/** What is done to a shard. */
export type Task =
  /** Its replicas change, or who leads it. */
  | {
    task: "step";
  } & Step
  /** It is cut in two. */
  | {
    task: "split";
    /** Where the second part begins. */
    at: Border;
    /** The group that gets the second part. */
    child: GroupId;
    /** The shard's group. */
    group: GroupId;
  }
  /** It takes a neighbour in. */
  | {
    task: "merge";
    /** The neighbour's group, which is gone then. */
    source: GroupId;
    /** The group that takes it in. */
    target: GroupId;
  };

/** An instant of virtual time, in microseconds since the start of the run. */
export type Time = number;

/** An election timer. */
export type TimerView = {
  /** When it runs out, in virtual time. */
  due: Time;
  /** When it was set. */
  set_at: Time;
};

/** The times and limits that a server goes by. */
export type Timing = {
  /**
   * How much faster or slower than true time any server's clock may run. Only leases rest on it
   * (dissertation 6.4.1).
   */
  clock_drift?: Ratio;
  /** The longest election timeout. */
  election_timeout_max?: Span;
  /** The shortest election timeout; each is drawn anew from the range (section 5.2). */
  election_timeout_min?: Span;
  /** A leader's heartbeat interval; well below the election timeout (section 5.6). */
  heartbeat?: Span;
  /**
   * Entries before a snapshot's last one that stay in the log, for followers that are a little
   * behind.
   */
  keep_entries?: number;
  /** Entries in one message (batching). */
  max_batch?: number;
  /** Bytes of a snapshot in one message (section 7). */
  max_chunk?: number;
  /** Messages with entries that may be under way to one follower (pipelining). */
  max_in_flight?: number;
  /**
   * Bytes of entries, or of a snapshot, that may be under way to one follower. A single entry may
   * be larger.
   */
  max_in_flight_bytes?: number;
};

/** An event with its whole sentence. */
export type ToldEvent = {
  /** When. */
  at: Time;
  /** The number of the event that led to it, if one did. */
  cause?: number | null;
  /** The picture beside it. */
  glyph: Glyph;
  /** A key event of the story (elections, commits, faults), as opposed to the bookkeeping. */
  key: boolean;
  /** Worth a mark on the timeline. */
  mark: boolean;
  /** Sections of the Raft paper ("5.3"), or of the dissertation ("diss. 6.4"). */
  refs: Array<string>;
  /** The sentence in English, as plain text. */
  sentence: string;
  /** The event's number. */
  seq: number;
  /** The sentence in pieces, one behind the other: spaces included. */
  words: Array<Word>;
};

/** A reason why nothing moves, with its sentence. */
export type ToldReason = StallReason & {
  /** The sentence in English, as plain text. */
  sentence: string;
};

/** A snapshot on its way, as one of the two ends knows of it. */
export type TransferView = {
  /** Chunks that have arrived, and chunks in all. */
  chunks: [number, number];
  /** The last entry in it. */
  index: number;
  /** Bytes that have arrived, as far as this end knows. */
  received: number;
  /** Bytes that were sent (on the leader's side), or that have arrived (on the follower's). */
  sent: number;
  /** Bytes in all. */
  total: number;
};

/** Why a server can't take part in any decision. */
export type Unable =
  /** It is down. */
  | "down"
  /** It is paused. */
  | "paused"
  /** Its disk is full: it can promise nothing. */
  | "disk_full"
  /** Its disk can't be trusted, so it takes no part. */
  | "takes_no_part"
  /** It was removed and switched off for good. */
  | "gone";

/** What the failure detector, or an operator, says of a node. */
export type Verdict =
  /** It is heard in time. */
  | "alive"
  /** It is late: it gets nothing new, and nothing is taken from it. */
  | "suspect"
  /** It is to be emptied, and switched off. */
  | "draining"
  /** It hasn't been heard for so long that its replicas are rebuilt elsewhere. */
  | "dead";

/** How to get to other voters. Learners alone change in one entry, whichever way is named. */
export type Way =
  /** One voter more or less in one entry (4.1), anything else through a joint configuration. */
  | "shortest"
  /** Through a joint configuration, which the leader ends by itself (4.3). */
  | "joint"
  /** Into a joint configuration, which stays until somebody ends it. */
  | "stay";

/** A piece of a sentence. The pieces, one behind the other, are the sentence: spaces included. */
export type Word =
  /** Plain text. Never markup. */
  | {
    word: "text";
    /** The text. */
    text: string;
  }
  /** Text that carries the point of the sentence. */
  | {
    word: "strong";
    /** The text. */
    text: string;
  }
  /** A server, shown as a chip in the colour of the term that it had. */
  | {
    word: "node";
    /** The server. */
    id: NodeId;
    /** Whether it led. */
    leader: boolean;
    /** Its term at that moment. */
    term: number;
  }
  /** An entry, shown as a tile. */
  | {
    word: "entry";
    /** Whether it was committed there and then. */
    committed: boolean;
    /** Its index. */
    index: number;
    /** Its label, such as `y←2`; `∅` for a no-op, empty if it is compacted away. */
    label: string;
    /** Its term. */
    term: number;
  };
