//! What is told where something cannot be done: one shape for programs, one page for people.

use std::borrow::Cow;

use serde_json::json;

use super::answer::Answer;
use super::incoming::{Incoming, Refusal};
use crate::error::{Class, Error};

/// A problem: what is wrong in words, and what to do. Never holds a value of a record or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// A bare word, e.g. `state_unknown`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: Cow<'static, str>,
    /// The way forward, in a sentence.
    pub action: Option<Cow<'static, str>>,
    /// A bare word that says more, e.g. an API's own code.
    pub detail: Option<String>,
}

impl Problem {
    /// What is wrong.
    pub fn new(status: u16, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            action: None,
            detail: None,
        }
    }

    /// The way forward.
    #[must_use]
    pub fn action(mut self, action: impl Into<Cow<'static, str>>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Nothing is at this address.
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "There is nothing at this address.")
    }

    /// As a program reads it: `{"error":{"code","message","action"?,"detail"?,"request_id"}}`.
    pub fn json(&self, request_id: &str) -> Answer {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "request_id": request_id,
        });
        if let Some(error) = error.as_object_mut() {
            if let Some(action) = &self.action {
                error.insert("action".to_owned(), action.as_ref().into());
            }
            if let Some(detail) = &self.detail {
                error.insert("detail".to_owned(), detail.as_str().into());
            }
        }
        Answer::json(self.status, &json!({ "error": error }))
    }

    /// As HubSpot's cards read it. `hubspot.fetch` hides the body of any other status, so an expected failure is a 200.
    pub fn for_card(&self, request_id: &str) -> Answer {
        Answer::json(
            200,
            &json!({
                "ok": false,
                "code": self.code,
                "message": self.message,
                "action": self.action,
                "detail": self.detail,
                "request_id": request_id,
            }),
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = refusal.status();
        Self::new(status, code, refusal.to_string())
    }
}

impl From<Error> for Problem {
    /// Told by class: a person can wait, reconnect, or call the operator.
    fn from(error: Error) -> Self {
        let detail = Some(error.code().to_owned());
        let problem = match error.class() {
            Class::Transient | Class::RateLimited { .. } => Self::new(
                503,
                "try_again",
                "A service that is needed does not answer at the moment.",
            )
            .action("Try again in a minute."),
            Class::Revoked => Self::new(
                409,
                "reconnect",
                "The access that was granted does not hold any more.",
            )
            .action("Connect again."),
            Class::Invalid => Self::new(422, "refused", "The other side did not accept this.")
                .action("Check what was entered, and try again."),
            Class::Fatal => Self::new(
                500,
                "internal",
                "This is not possible at the moment: something has to be put right on our side.",
            )
            .action("Quote the reference to support."),
        };
        Self { detail, ..problem }
    }
}

impl Incoming {
    /// 405, where the method is not among the allowed.
    pub fn only(&self, allow: &'static [&'static str]) -> Result<(), Answer> {
        if allow.contains(&self.method.as_str()) {
            return Ok(());
        }
        Err(Answer::method_not_allowed(
            &allow.join(", "),
            &self.request_id,
        ))
    }
}
