//! Billing: what an admin buys and what Stripe tells. Stripe is the truth, what is kept here is its last word.

mod checkout;
mod ending;
mod refresh;
mod view;
mod webhook;

pub use checkout::{checkout, portal};
pub(crate) use ending::end_left;
pub use view::view;
pub use webhook::webhook;

use crate::config;
use crate::error::{Error, Result};
use crate::ports::Ports;
use crate::surface::Problem;

/// Refuses where the deployment does not bill.
fn require_billing<P: Ports>(ports: &P) -> Result<(), Problem> {
    match config::billing(ports)? {
        true => Ok(()),
        false => Err(Problem {
            detail: Some(Error::Config(String::new()).code().to_owned()),
            ..Problem::new(503, "billing_off", "This deployment does not bill.")
        }),
    }
}
