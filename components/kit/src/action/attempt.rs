//! One try at doing what an action asks for, at most once.

use sync300_plans::Denied;

use super::call::{Call, Object};
use super::{Failure, Outcome, closed};
use crate::audit;
use crate::budget::Budget;
use crate::core::actions::{self, Action, ActionError, Step};
use crate::core::mapping;
use crate::error::{Class, Error, Result};
use crate::hubspot::objects::Write;
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
        let id = match store.claim_action(work.execution).await? {
            Claim::Done(id) => id,
            Claim::Busy => return Ok(Outcome::Retry),
            Claim::Unknown => return Ok(Outcome::Failed(unknown(label))),
            Claim::Mine(fence) => match work.perform(fence).await {
                Ok((id, wrote)) => {
                    work.note_link(&id).await?;
                    store.finish_action(work.execution, &id, wrote).await?;
                    let what = audit::Action::WorkflowAction;
                    let connection = Some(held.id.as_str());
                    audit::write(&store, call.portal(), None, what, connection, Some(name)).await?;
                    id
                }
                Err(stop) => return Ok(work.stopped(fence, stop).await?),
            },
        };
        // Also where it was done before: HubSpot asks again because this did not come to its end.
        let note = match work.link(&id).await {
            Ok(note) => note,
            Err(error) if matches!(error.class(), Class::Transient | Class::RateLimited { .. }) => {
                return Ok(Outcome::Retry);
            }
            Err(error) => {
                work.log("action_not_linked", &error);
                Some(LATER)
            }
        };
        let mut message = format!("Done in {label}.");
        if let Some(note) = note {
            message = format!("{message} {note}");
        }
        Ok(Outcome::Success(vec![(action.output.clone(), id)], message))
    }
}

/// Where the new record's id could not be written to HubSpot's.
const LATER: &str = "It is matched with this record by the next sync.";

/// What a try works with.
struct Work<'a, P> {
    ports: &'a P,
    budget: &'a Budget,
    call: &'a Call,
    held: &'a Held,
    action: &'a Action,
    execution: Execution<'a>,
}

impl<P: Ports> Work<'_, P> {
    /// Looks up what is named, then does it; the id of what was created or changed, and whether anything was: what is there
    /// already is not made again.
    async fn perform(&self, fence: i64) -> Result<(String, bool), Stop> {
        let (connector, name) = (self.held.connector.as_str(), self.action.name.as_str());
        if let Err(denied) = plan::may_sync(self.ports, self.call.portal()).await? {
            return Err(Stop::Plan(denied));
        }
        let mut values = actions::prepare(connector, name, &self.call.inputs())?;
        if let Some(id) = self.linked_already().await? {
            return Ok((id, false));
        }
        let live = Live::new(self.ports, self.budget, self.held)?;
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
        if creates && !store.mark_action_sent(self.execution, fence).await? {
            return Err(Stop::Lost);
        }
        let answer = live.request(&request, creates).await;
        let answer = answer.map_err(|error| match undone(&error) || !creates {
            true => Stop::Call(error),
            false => Stop::Unknown(error),
        })?;
        actions::written(connector, name, &answer.body)
            .map(|id| (id, true))
            .ok_or_else(|| Stop::Unknown(Error::no_json(crate::error::Side::Provider)))
    }

    async fn stopped(&self, fence: i64, stop: Stop) -> Result<Outcome> {
        let label = objects::connector_label(&self.held.connector);
        let outcome = match stop {
            Stop::Lost => return Ok(Outcome::Retry),
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

    /// The record that the workflow runs on, where it is of the kind that the action creates.
    fn record(&self) -> Option<(&Object, &str)> {
        let object = self.action.object.as_deref()?;
        let known = objects::find(&self.held.connector, object)?;
        let record = self.call.object.as_ref()?;
        let fits = objects::hubspot_type(&record.object_type) == Some(known.hubspot_type_id);
        fits.then_some((record, object))
    }

    /// A record that has its other side already gets no second one: that one's id is the answer.
    async fn linked_already(&self) -> Result<Option<String>> {
        let Some((record, object)) = self.record() else {
            return Ok(None);
        };
        let id = record.id();
        let store = Store::new(self.ports);
        let owners = store.owners(&self.held.id, object, &[id.as_str()]).await?;
        Ok(owners.get(&id).cloned())
    }

    /// Remembers which record the new one belongs to, before it is known to be done: a sync that sees it from now on
    /// makes no second one in HubSpot, whether or not its id gets there (S0-72).
    async fn note_link(&self, id: &str) -> Result<()> {
        let Some((record, object)) = self.record() else {
            return Ok(());
        };
        let store = Store::new(self.ports);
        store
            .link_created(&self.held.id, object, id, &record.id())
            .await
    }

    /// Writes the new record's id to HubSpot's, by which it is known there (S0-72). A note where it cannot yet.
    async fn link(&self, id: &str) -> Result<Option<&'static str>> {
        let Some((record, object)) = self.record() else {
            return Ok(None);
        };
        let live = Live::new(self.ports, self.budget, self.held)?;
        let declared = live.object(object)?;
        let plan = live.plan(object, None)?;
        let input = mapping::WriteInput {
            id: Some(record.id()),
            id_property: None,
            trace: "1".to_owned(),
            properties: vec![(declared.id_property.clone(), id.to_owned())],
        };
        let hubspot = live.hubspot().await?;
        let page = hubspot
            .batch_write(&declared.hubspot_object, &plan, Write::Update, &[input])
            .await?;
        Ok((!page.errors.is_empty()).then_some(LATER))
    }

    fn log(&self, event: &'static str, error: &Error) {
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
