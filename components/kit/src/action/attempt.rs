//! One try at doing what an action asks for, at most once.

use sync300_plans::Denied;

use super::call::Call;
use super::linking::{self, Done, Other};
use super::{Failure, Outcome, closed};
use crate::audit;
use crate::budget::Budget;
use crate::core::actions::{self, Action, ActionError, Step};
use crate::error::{Class, Error, Result};
use crate::live::Live;
use crate::log::{self, Level};
use crate::objects;
use crate::plan;
use crate::ports::Ports;
use crate::store::Store;
use crate::store::actions::{Claim, Execution};
use crate::store::cards::Held;
use crate::surface::Problem;

/// An execution of an action that a connector declares.
pub(super) struct Job {
    /// What HubSpot sent.
    pub call: Call,
    /// Connector id.
    pub connector: String,
    /// The action's name there.
    pub name: String,
    key: String,
}

impl Job {
    pub fn new(call: Call, connector: &str, name: &str) -> Self {
        Self {
            key: format!("{connector}/{name}"),
            connector: connector.to_owned(),
            name: name.to_owned(),
            call,
        }
    }

    /// What names it.
    pub fn execution(&self) -> Execution<'_> {
        Execution {
            portal: self.call.portal(),
            callback: &self.call.callback_id,
            action: &self.key,
        }
    }
}

/// Why there is no id.
enum Stop {
    /// The portal's plan does not allow it.
    Plan(Denied),
    /// The input is at fault.
    Input(ActionError),
    /// A call failed before anything was done.
    Call(Error),
    /// Whether it was done is not known.
    Unknown(Error),
    /// Another instance has taken the execution over.
    Lost,
    /// Another execution works on the record.
    Taken,
}

impl From<ActionError> for Stop {
    fn from(error: ActionError) -> Self {
        Self::Input(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Job {
    /// Does it, where it was not done before, and links what was created. Ends by itself within the budget.
    pub async fn attempt<P: Ports>(&self, ports: &P, budget: &Budget) -> Result<Outcome, Problem> {
        let (call, connector, name) = (&self.call, self.connector.as_str(), self.name.as_str());
        let listed = actions::list(connector).map_err(|_| Problem::not_found())?;
        let action = listed.iter().find(|action| action.name == name);
        let action = action.ok_or_else(Problem::not_found)?;
        let store = Store::new(ports);
        if let Some(failure) = closed(&store, call.portal()).await? {
            return Ok(Outcome::Failed(failure));
        }
        let label = objects::connector_label(connector);
        let known = store.known_connection(call.portal(), connector).await?;
        let held = match known.filter(|known| known.status == "active") {
            Some(known) => store.held_connection(call.portal(), &known.id).await?,
            None => None,
        };
        let Some(held) = held else {
            return Ok(Outcome::Failed(Failure::said("disconnected", label)));
        };
        let work = Work {
            ports,
            budget,
            call,
            held: &held,
            action,
            execution: self.execution(),
        };
        let Done { id, mut notes, .. } = match store.claim_action(work.execution).await? {
            Claim::Done(id) => Done::before(id),
            Claim::Busy => return Ok(Outcome::Retry),
            Claim::Unknown => return Ok(Outcome::Failed(unknown(label))),
            Claim::Mine(fence) => match work.once(fence).await? {
                Ok(done) => done,
                Err(stop) => return Ok(work.stopped(fence, stop).await?),
            },
        };
        // Also where it was done before: HubSpot asks again because this did not come to its end.
        match work.link(&id).await {
            Ok(note) => notes.extend(note),
            Err(error) if matches!(error.class(), Class::Transient | Class::RateLimited { .. }) => {
                return Ok(Outcome::Retry);
            }
            Err(error) => {
                work.log("action_not_linked", &error);
                notes.push(linking::LATER.to_owned());
            }
        }
        notes.insert(0, format!("Done in {label}."));
        let message = notes.join(" ");
        Ok(Outcome::Success(vec![(action.output.clone(), id)], message))
    }
}

/// What a try works with.
pub(super) struct Work<'a, P> {
    pub ports: &'a P,
    pub budget: &'a Budget,
    pub call: &'a Call,
    pub held: &'a Held,
    pub action: &'a Action,
    execution: Execution<'a>,
}

impl<P: Ports> Work<'_, P> {
    /// Does it, alone on its record: of two executions on one record the other waits, and finds what this one created.
    async fn once(&self, fence: i64) -> Result<Result<Done, Stop>> {
        let store = Store::new(self.ports);
        let record = self.of_record();
        let Some(claim) = record.as_deref().map(|record| Execution {
            callback: record,
            action: linking::RECORD,
            ..self.execution
        }) else {
            return self.remembered(fence).await;
        };
        let Claim::Mine(held) = store.claim_action(claim).await? else {
            return Ok(Err(Stop::Taken));
        };
        let ended = self.remembered(fence).await?;
        // What may be under way at the provider keeps others off for as long as it may be.
        if !matches!(ended, Err(Stop::Unknown(_))) {
            store.give_up_action(claim, held).await?;
        }
        Ok(ended)
    }

    /// Does it, and remembers that it is done.
    async fn remembered(&self, fence: i64) -> Result<Result<Done, Stop>> {
        let done = match self.perform(fence).await {
            Ok(done) => done,
            Err(stop) => return Ok(Err(stop)),
        };
        let store = Store::new(self.ports);
        self.note_link(&done).await?;
        store
            .finish_action(self.execution, &done.id, done.wrote)
            .await?;
        let (portal, connection) = (self.call.portal(), self.held.id.as_str());
        let (what, name) = (audit::Action::WorkflowAction, self.action.name.as_str());
        audit::write(&store, portal, None, what, Some(connection), Some(name)).await?;
        Ok(Ok(done))
    }

    /// Looks up what is named, then does it; the id of what was created or changed, and whether anything was.
    async fn perform(&self, fence: i64) -> Result<Done, Stop> {
        let (connector, name) = (self.held.connector.as_str(), self.action.name.as_str());
        if let Err(denied) = plan::may_sync(self.ports, self.call.portal()).await? {
            return Err(Stop::Plan(denied));
        }
        let mut values = actions::prepare(connector, name, &self.call.inputs())?;
        let live = Live::new(self.ports, self.budget, self.held)?;
        let replaces = match self.other_side(&live).await? {
            Some(Other::There(id)) => return Ok(Done::before(id)),
            Some(Other::Gone(id)) => Some(id),
            None => None,
        };
        let mut done = 0;
        let request = loop {
            match actions::next_step(connector, live.base_url(), name, &values, done)? {
                Step::Write(request) => break request,
                Step::LookUp(lookup) => {
                    let body = match live.request(&lookup.request, false).await {
                        Ok(answer) => answer.body,
                        // What an id does not lead to is as little there as what a name does not.
                        Err(Error::Api { status: 404, .. }) => b"{}".to_vec(),
                        Err(error) => return Err(error.into()),
                    };
                    values = actions::found(connector, name, lookup.index, &values, &body)?;
                    done = lookup.index + 1;
                }
            }
        };
        let creates = self.action.creates;
        let store = Store::new(self.ports);
        // A token that cannot be had is known to have created nothing.
        let request = live.opened(&request).await?;
        if creates && !store.mark_action_sent(self.execution, fence).await? {
            return Err(Stop::Lost);
        }
        let answer = live.send(request, creates).await;
        let answer = answer.map_err(|error| match undone(&error) || !creates {
            true => Stop::Call(error),
            false => Stop::Unknown(error),
        })?;
        let id = actions::written(connector, name, &answer.body)
            .ok_or_else(|| Stop::Unknown(Error::no_json(crate::error::Side::Provider)))?;
        Ok(Done {
            id,
            replaces,
            wrote: true,
            notes: actions::notes(connector, name, &values),
        })
    }

    async fn stopped(&self, fence: i64, stop: Stop) -> Result<Outcome> {
        let label = objects::connector_label(&self.held.connector);
        let outcome = match stop {
            Stop::Lost => return Ok(Outcome::Retry),
            Stop::Taken => Outcome::Retry,
            Stop::Unknown(error) => {
                self.log("action_outcome_unknown", &error);
                return Ok(Outcome::Failed(unknown(label)));
            }
            Stop::Plan(denied) => Outcome::Failed(Failure::denied(&denied)),
            Stop::Input(error) => Outcome::Failed(input(&error, label)),
            Stop::Call(error) => match error.class() {
                Class::RateLimited { after } => Outcome::Later(after),
                Class::Transient => Outcome::Retry,
                _ => Outcome::Failed(called(&error, label)),
            },
        };
        let store = Store::new(self.ports);
        store.give_up_action(self.execution, fence).await?;
        Ok(outcome)
    }

    pub fn log(&self, event: &'static str, error: &Error) {
        log::write(
            self.ports,
            Level::Warn,
            event,
            &[
                ("connection", self.held.id.as_str().into()),
                ("portal", self.held.portal.into()),
                ("code", error.code().into()),
            ],
        );
    }
}

/// Whether a failed call is known to have done nothing: it was refused, or never sent.
fn undone(error: &Error) -> bool {
    match error {
        Error::Api { status, .. } => *status < 500,
        Error::Http { error, .. } => !matches!(
            error,
            crate::ports::HttpError::Network | crate::ports::HttpError::TooLarge { .. }
        ),
        Error::Answer { .. } => false,
        _ => true,
    }
}

fn unknown(label: &str) -> Failure {
    Failure::new(
        "outcome_unknown",
        format!(
            "{label} did not answer, so it is not known whether this was done. Check in {label} before you try again."
        ),
    )
}

/// What is wrong with an input, by its label.
fn input(error: &ActionError, label: &str) -> Failure {
    let what = &error.input;
    let message = match error.code.as_str() {
        "input_missing" => format!("{what} is needed and was not given. Nothing was done."),
        "input_invalid" => format!("{what} is not of the right kind. Nothing was done."),
        "input_too_long" => format!("{what} is too long. Nothing was done."),
        "input_unknown_choice" => {
            format!("{what} is none of the words that are allowed. Nothing was done.")
        }
        "input_not_found" => {
            format!(
                "{label} has no such {}. Nothing was done.",
                what.to_lowercase()
            )
        }
        _ => format!("{label} gave an answer that was not expected. Nothing was done."),
    };
    Failure::new(&error.code, message)
}

/// A call that the provider refused.
fn called(error: &Error, label: &str) -> Failure {
    match error {
        Error::Api { status: 404, .. } => Failure::new(
            "not_found",
            format!("{label} has no record with the id that was given. Nothing was done."),
        ),
        Error::Api {
            status: 400 | 422, ..
        } => Failure::new(
            "refused",
            format!(
                "{label} did not accept what was given: check the ids and values. Nothing was done."
            ),
        ),
        _ => Failure::said(&crate::card::code_of(error), label),
    }
}
