//! What a simulation plays: its world, what people do in it, and what goes wrong. Everything is data, so that a plan
//! can be printed, shrunk and kept as a test.

use sync300_kit::settings::Strategy;

/// The kinds of records, by their names in HubSpot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Clio's contacts of type Person.
    Contact,
    /// Clio's contacts of type Company.
    Company,
    /// Clio's matters.
    Deal,
    /// Clio's tasks.
    Ticket,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Contact, Self::Company, Self::Deal, Self::Ticket];

    /// Whether HubSpot's edits may travel to Clio.
    pub fn goes_both_ways(self) -> bool {
        self != Self::Ticket
    }

    /// Whether Clio takes new ones from HubSpot.
    pub fn is_created(self) -> bool {
        matches!(self, Self::Contact | Self::Company)
    }
}

/// A simulation from beginning to end.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where latencies, order and randomness come from.
    pub seed: u64,
    /// The world.
    pub shape: Shape,
    /// What people do, in the order of time.
    pub edits: Vec<Edit>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// The world of a simulation. Times are milliseconds of the virtual clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// Portals, each with a connection to a Clio account of its own.
    pub firms: usize,
    /// How far the clock of each instance is ahead; as many as there are instances.
    pub instance_skews: Vec<i64>,
    /// How far HubSpot's clock is ahead.
    pub hubspot_skew: i64,
    /// How far Clio's clock is ahead.
    pub clio_skew: i64,
    /// How long HubSpot's writes take to become searchable.
    pub search_lag: i64,
    /// Most records of a page of Clio's; the API may give fewer than it is asked for.
    pub page: u32,
    /// `tick_seconds`, `slice_seconds` and `tick_calls` of the application.
    pub limits: (u32, u32, u32),
    /// Minutes between scheduled runs.
    pub frequency: i64,
    /// Longest pause between two ticks of an instance.
    pub cadence: i64,
    /// Whether merges in HubSpot give the survivor a new id.
    pub merges_renumber: bool,
    /// When people and faults stop.
    pub horizon: i64,
    /// Everything that may go both ways does, and this decides conflicts; none: all goes to HubSpot alone.
    pub both_ways: Option<Strategy>,
    /// What HubSpot alone has of that is made at Clio.
    pub creates: bool,
    /// Only the members of a list sync, of records of this kind (S3-10).
    pub door: Option<Kind>,
    /// HubSpot's webhooks tell what people do there, late and more than once.
    pub told: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            firms: 1,
            instance_skews: vec![0],
            hubspot_skew: 0,
            clio_skew: 0,
            search_lag: 0,
            page: 200,
            limits: (20, 8, 400),
            frequency: 5,
            cadence: 60_000,
            merges_renumber: false,
            horizon: 20 * 60_000,
            both_ways: None,
            creates: false,
            door: None,
            told: false,
        }
    }
}

/// Something a person does.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// When, relative to the first tick; negative: before it.
    pub at: i64,
    /// At which firm.
    pub firm: usize,
    /// What.
    pub act: Act,
}

/// What a person does. `pick` chooses among the records there are at that time; where there is none, nothing happens.
/// `serial` makes values that are told apart; the same serial means the same person, company, matter or task.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A record in Clio, with all its fields or the fewest.
    Add {
        /// What.
        kind: Kind,
        /// Who.
        serial: u32,
        /// Its company, client or matter, of those there are.
        pick: usize,
        /// Without e-mail address, phone, address and the like.
        bare: bool,
    },
    /// A field of a Clio record gets another value.
    Change {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
        /// Which of the kind's fields.
        field: usize,
        /// Which value.
        serial: u32,
    },
    /// A field of a Clio record is emptied.
    Clear {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
        /// Which of the kind's fields.
        field: usize,
    },
    /// A Clio record is deleted.
    Delete {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
    },
    /// A person or company has to do with a matter.
    Relate {
        /// Which contact.
        contact: usize,
        /// Which matter.
        matter: usize,
    },
    /// … and has no more.
    Unrelate {
        /// Which relationship.
        pick: usize,
    },
    /// A record made in HubSpot by hand.
    ByHand {
        /// What.
        kind: Kind,
        /// Who: may be in Clio too.
        serial: u32,
        /// Known by its name alone: no e-mail address, no domain.
        nameless_key: bool,
    },
    /// A mapped property of a HubSpot record is edited by hand.
    Touch {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
        /// Which of the kind's fields.
        field: usize,
        /// Which value.
        serial: u32,
    },
    /// Where it goes both ways: a mapped property of a linked HubSpot record gets another value, be it one that the
    /// record is known by, or is emptied.
    Answer {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
        /// Which of the kind's fields.
        field: usize,
        /// Which value; none empties it.
        serial: Option<u32>,
    },
    /// A property that no mapping knows is edited by hand.
    Remark {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
        /// Which value.
        serial: u32,
    },
    /// A HubSpot record goes to the recycle bin.
    Archive {
        /// Of which kind.
        kind: Kind,
        /// Which record.
        pick: usize,
    },
    /// Two HubSpot records are merged; the first stays.
    Merge {
        /// Of which kind.
        kind: Kind,
        /// The primary record.
        pick: usize,
        /// The record that is merged into it.
        other: usize,
    },
    /// A HubSpot record is put into the list that is the door of its kind.
    Enter {
        /// Which record.
        pick: usize,
    },
    /// … and is taken out again.
    Leave {
        /// Which member.
        pick: usize,
    },
    /// A person decides what a Clio record is linked to, be it in the review queue, in step, or none of both.
    Decide {
        /// Of which kind.
        kind: Kind,
        /// Which of the records that a run has seen.
        pick: usize,
        /// Which of the HubSpot records that it may be, or else of all; none: it is linked to nothing any more.
        choice: Option<usize>,
    },
    /// Somebody presses "Sync now".
    SyncNow,
}

/// Which calls a fault counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// Every port call of every instance.
    Any,
    /// Outgoing requests.
    Http,
    /// Statements.
    Sql,
    /// The cache.
    KeyValue,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which calls are counted.
    pub on: On,
    /// The how-manieth of them, over all instances, from 0.
    pub call: u32,
    /// What.
    pub what: What,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The call is performed, and the instance is gone before it sees the answer.
    Crash,
    /// The call is performed, and the instance stands still for so many milliseconds before it sees the answer.
    Freeze(i64),
    /// The statement waits so long before it is performed; its instance's time went on meanwhile.
    Hang(i64),
    /// The instance is gone while its request is on the way, which arrives so many milliseconds later.
    Orphan(i64),
    /// The request never arrives.
    LostRequest,
    /// Done, but unanswered.
    LostResponse,
    /// Arrives twice.
    Twice,
    /// Arrives late, so that others overtake it.
    Slow(i64),
    /// This call and so many more in a row are answered with this status.
    Status(u16, u32),
    /// The answer ends in its middle.
    CutOff,
    /// One input of a batch write is refused (207), the others are performed.
    Refuse(usize),
    /// The statement is not performed.
    SqlRefused,
    /// The statement is performed, and its answer is lost.
    SqlLost,
    /// The cache forgets.
    Forget,
}

impl What {
    /// Its name in a summary.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Freeze(_) => "freeze",
            Self::Hang(_) => "late statement",
            Self::Orphan(_) => "crash, request in flight",
            Self::LostRequest => "lost request",
            Self::LostResponse => "lost response",
            Self::Twice => "duplicate",
            Self::Slow(_) => "late request",
            Self::Status(429, _) => "429",
            Self::Status(423, _) => "423",
            Self::Status(477, _) => "477",
            Self::Status(_, _) => "5xx",
            Self::CutOff => "cut-off answer",
            Self::Refuse(_) => "partial 207",
            Self::SqlRefused => "refused statement",
            Self::SqlLost => "lost statement",
            Self::Forget => "forgetful cache",
        }
    }
}
