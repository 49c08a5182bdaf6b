//! What can go wrong, and what to do about it: callers act on [`Error::class`] alone.

use crate::core::{classifying, mapping};
use crate::ports::{HttpError, RandomError, SqlError, VariablesError};
use crate::vault::VaultError;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What to do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Try again soon.
    Transient,
    /// Try again after so many milliseconds.
    RateLimited {
        /// Milliseconds to wait.
        after: i64,
    },
    /// The credentials no longer hold: a person must reconnect.
    Revoked,
    /// This request or record is at fault; others may go on.
    Invalid,
    /// Nothing helps but a person or a new version.
    Fatal,
}

/// Whose API answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// HubSpot.
    HubSpot,
    /// The connected provider.
    Provider,
}

impl Side {
    /// Name for logs and reasons.
    pub fn name(self) -> &'static str {
        match self {
            Self::HubSpot => "hubspot",
            Self::Provider => "provider",
        }
    }
}

/// Everything that can go wrong. Texts name codes, ids and counts; never a value of a record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No complete answer came.
    #[error("{}: {error}", side.name())]
    Http {
        /// Whose API was called.
        side: Side,
        /// What happened.
        error: HttpError,
    },
    /// An answer that is no success.
    #[error("{}: {status} {code}", side.name())]
    Api {
        /// Whose API answered.
        side: Side,
        /// HTTP status.
        status: u16,
        /// What to do.
        class: Class,
        /// Bare word, e.g. `missing_scope`.
        code: String,
    },
    /// An answer that could not be read.
    #[error("{}: {}", side.name(), page_error_text(error))]
    Answer {
        /// Whose API answered.
        side: Side,
        /// What was wrong with it.
        error: mapping::PageError,
    },
    /// A page came twice: following it would never end.
    #[error("provider: page_repeats")]
    PageRepeats,
    /// The database failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
    /// A row does not have the shape that its statement selects.
    #[error("the database answered with an unexpected row")]
    Row,
    /// Another instance holds the connection now; this one must change nothing more.
    #[error("the lease is lost")]
    LeaseLost,
    /// The slice's time or calls are spent; the next one goes on.
    #[error("the budget is spent")]
    BudgetSpent,
    /// This part of the run is complete; the other one goes on.
    #[error("the run is handed over")]
    HandedOver,
    /// Sealing or opening failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The deployment or a connection is not configured as it must be.
    #[error("configuration: {0}")]
    Config(String),
    /// Whoever keeps the variables does not answer.
    #[error(transparent)]
    Variables(#[from] VariablesError),
    /// Another instance renews the access token, or nobody may just now.
    #[error("{}: token_busy", side.name())]
    TokenBusy {
        /// Whose token.
        side: Side,
    },
    /// The component that works slices did not; the code says why.
    #[error("slice: {0}")]
    Slice(String),
    /// The portal's plan does not let the connection sync; the code says why.
    #[error("{0}")]
    Plan(&'static str),
    /// The list that is the door of an object lets nobody through; the code says why.
    #[error("{0}")]
    List(&'static str),
    /// An access token is past its time and could not be renewed.
    #[error("{}: token_expired", side.name())]
    TokenExpired {
        /// Whose token.
        side: Side,
    },
}

/// A text for a page error, without values.
fn page_error_text(error: &mapping::PageError) -> String {
    match error {
        mapping::PageError::Malformed(offset) => format!("malformed answer at byte {offset}"),
        mapping::PageError::Unexpected(part) => format!("unexpected answer: {part}"),
        mapping::PageError::ForeignCursor => "foreign_cursor".to_owned(),
        mapping::PageError::Plan(problem) => format!("mapping: {problem}"),
    }
}

impl Error {
    /// An answer that is not what was asked for, e.g. a page of something in between.
    pub fn no_json(side: Side) -> Self {
        Self::Answer {
            side,
            error: mapping::PageError::Malformed(0),
        }
    }

    /// What to do.
    pub fn class(&self) -> Class {
        match self {
            Self::Http { error, .. } => match error {
                HttpError::Network | HttpError::Unreached => Class::Transient,
                HttpError::Forbidden | HttpError::BadRequest | HttpError::TooLarge { .. } => {
                    Class::Fatal
                }
            },
            Self::Api { class, .. } => *class,
            // A cut-off answer is a matter of the network; one of another shape is not.
            Self::Answer {
                error: mapping::PageError::Malformed(_),
                ..
            } => Class::Transient,
            Self::Answer { .. } | Self::PageRepeats => Class::Fatal,
            Self::Sql(SqlError::Failed(_)) => Class::Transient,
            Self::LeaseLost
            | Self::BudgetSpent
            | Self::HandedOver
            | Self::Variables(_)
            | Self::TokenBusy { .. }
            | Self::Slice(_) => Class::Transient,
            Self::Sql(SqlError::Unavailable)
            | Self::Row
            | Self::Vault(_)
            | Self::Random(_)
            | Self::Config(_)
            | Self::Plan(_)
            | Self::List(_) => Class::Fatal,
            Self::TokenExpired { .. } => Class::Revoked,
        }
    }

    /// A bare word for run reasons and logs.
    pub fn code(&self) -> &str {
        match self {
            Self::Http {
                error: HttpError::Forbidden,
                ..
            } => "host_not_allowed",
            Self::Http {
                error: HttpError::BadRequest,
                ..
            } => "bad_request",
            Self::Http {
                error: HttpError::TooLarge { .. },
                ..
            } => "answer_too_large",
            Self::Http {
                error: HttpError::Network | HttpError::Unreached,
                ..
            } => "network",
            Self::Api { code, .. } => code,
            Self::Answer {
                error: mapping::PageError::Malformed(_),
                ..
            } => "malformed_answer",
            Self::Answer {
                error: mapping::PageError::Unexpected(_),
                ..
            } => "unexpected_answer",
            Self::Answer {
                error: mapping::PageError::ForeignCursor,
                ..
            } => "foreign_cursor",
            Self::Answer {
                error: mapping::PageError::Plan(_),
                ..
            } => "mapping_invalid",
            Self::PageRepeats => "page_repeats",
            Self::Sql(_) | Self::Row => "database",
            Self::LeaseLost => "lease_lost",
            Self::BudgetSpent => "budget_spent",
            Self::HandedOver => "handed_over",
            Self::Vault(_) => "vault",
            Self::Random(_) => "randomness",
            Self::Config(_) => "configuration",
            Self::Variables(_) => "variables_unavailable",
            Self::TokenBusy { .. } => "token_busy",
            Self::Plan(code) | Self::List(code) => code,
            Self::Slice(code) => code,
            Self::TokenExpired { .. } => "token_expired",
        }
    }

    /// Whose fault it is, where an API is concerned.
    pub fn side(&self) -> Option<Side> {
        match self {
            Self::Http { side, .. }
            | Self::Api { side, .. }
            | Self::Answer { side, .. }
            | Self::TokenBusy { side }
            | Self::TokenExpired { side } => Some(*side),
            Self::PageRepeats => Some(Side::Provider),
            _ => None,
        }
    }
}

impl Class {
    /// From the core's verdict; `pace` is the wait in milliseconds where the answer names none.
    pub fn from_verdict(class: &classifying::Class, pace: i64) -> Self {
        match class {
            classifying::Class::Transient => Self::Transient,
            classifying::Class::RateLimited(after) => Self::RateLimited {
                after: after.map_or(pace, |after| i64::try_from(after).unwrap_or(i64::MAX)),
            },
            classifying::Class::Revoked => Self::Revoked,
            classifying::Class::Invalid => Self::Invalid,
            classifying::Class::Fatal => Self::Fatal,
        }
    }
}
