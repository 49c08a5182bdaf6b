//! The HTTP surface that every component shares: what comes in, within limits; what goes out, with the headers its
//! kind needs; uniform problems; CORS; comparisons that tell nothing by time.

mod answer;
mod bearer;
pub mod cors;
mod form;
mod incoming;
mod problem;

pub use answer::{Answer, SECURITY_HEADERS};
pub use bearer::{BearerError, check_bearer, let_in, same};
pub use form::{BadEncoding, Fields, encode};
pub use incoming::{Header, Incoming, Limits, Refusal};
pub use problem::Problem;

use crate::ports::Random;

/// An id to quote when asking for help: 64 random bits in hex.
pub fn request_id(random: &impl Random) -> String {
    let mut bytes = [0_u8; 8];
    match random.fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "none".to_owned(),
    }
}
