//! What can go wrong when a fake is started or handled from the inside.

/// An error of the test support itself, never of the API that is imitated.
#[derive(Debug, thiserror::Error)]
pub enum FakeError {
    /// No socket on loopback.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    /// There is no portal, account or record of this id.
    #[error("there is no {kind} {id}")]
    Unknown {
        /// `portal`, `account`, `contacts`, …
        kind: &'static str,
        /// The id that was asked for.
        id: u64,
    },
    /// The API would refuse this record, so it cannot be put in by hand either.
    #[error("refused: {0}")]
    Refused(String),
}
