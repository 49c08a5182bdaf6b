//! What workflows and agents inside HubSpot ask for. HubSpot signs the request, body included, so that its `portalId` is the
//! caller; `callbackId` names one execution, which is done once however often it is asked for. What can be done at a provider
//! is its connector's to say.
//!
//! HubSpot waits some five seconds. What takes longer is put aside, sealed, and HubSpot is told to wait (`BLOCK`): the
//! instance goes on behind its answer as long as its host lets it, and a tick does what is left and completes the execution.

mod attempt;
mod call;
mod complete;
mod linking;
mod options;
mod perform;
mod waiting;

use serde_json::{Map, Value, json};
use sync300_plans::Denied;

use crate::caller::log_problem;
use crate::config;
use crate::objects;
use crate::plan;
use crate::ports::Ports;
use crate::signature::{Accepts, Verifier};
use crate::store::Store;
use crate::store::actions::{Claim, Execution};
use crate::surface::{Answer, Incoming, Problem};
use crate::words;
use call::Call;

pub use options::options;
pub use perform::perform;
pub use waiting::{Finished, finish};

/// Longest id of an execution: HubSpot's have some 35 characters.
const MAX_CALLBACK: usize = 128;

/// How an execution ended.
enum Outcome {
    /// Done: outputs, and what a person reads.
    Success(Vec<(String, String)>, String),
    /// Not done, and asking again changes nothing: HubSpot goes on with the workflow.
    Failed(Failure),
    /// Not done: HubSpot asks again, later and later, for three days.
    Retry,
    /// As `Retry`, but not before so many milliseconds.
    Later(i64),
}

/// Why it is not done, for branches of the workflow and for people.
struct Failure {
    code: String,
    message: String,
}

impl Failure {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// From what the portal's plan does not allow.
    fn denied(denied: &Denied) -> Self {
        let problem = plan::problem(denied);
        let action = problem.action.unwrap_or_default();
        Self::new(denied.code, format!("{} {action}", problem.message))
    }

    /// From a code that has words.
    fn said(code: &str, label: &str) -> Self {
        let words = words::explain(code, label);
        Self::new(code, format!("{} {}", words.message, words.action))
    }
}

impl Outcome {
    fn answer(self) -> Answer {
        // Asking again cannot be asked for by a state: a 5xx and a 429 do.
        let after = match &self {
            Self::Later(after) => Some(*after),
            _ => None,
        };
        match (self.outputs(), after) {
            (Some(outputs), _) => told(outputs),
            (None, None) => Answer::json(503, &json!({ "message": "Try again." })),
            (None, Some(after)) => {
                let mut answer = Answer::json(429, &json!({ "message": "Try again later." }));
                // In milliseconds, as HubSpot has it.
                answer.set_header("retry-after", after.max(1).to_string());
                answer
            }
        }
    }

    /// What HubSpot is told of an execution that ended, its state among it; none where it has not ended.
    fn outputs(self) -> Option<Outputs> {
        let mut fields = Outputs::new();
        let state = match self {
            Self::Success(outputs, message) => {
                for (name, value) in outputs {
                    fields.insert(name, value.into());
                }
                fields.insert("message".to_owned(), message.into());
                "SUCCESS"
            }
            Self::Failed(failure) => {
                fields.insert("errorCode".to_owned(), failure.code.into());
                fields.insert("message".to_owned(), failure.message.into());
                "FAIL_CONTINUE"
            }
            Self::Retry | Self::Later(_) => return None,
        };
        fields.insert(STATE.to_owned(), state.into());
        Some(fields)
    }
}

/// Outputs by name: texts.
type Outputs = Map<String, Value>;

/// The output that says how an execution stands (HubSpot, "Asynchronous custom action execution").
const STATE: &str = "hs_execution_state";

fn told(outputs: Outputs) -> Answer {
    Answer::json(200, &json!({ "outputFields": Value::Object(outputs) }))
}

/// Whether HubSpot signed the request: version 3 where there is one, else version 2.
fn verify<P: Ports>(ports: &P, incoming: &Incoming) -> Result<(), Problem> {
    let base = config::public_url(ports)?;
    Verifier::from_variables(ports)
        .and_then(|verifier| verifier.verify(incoming, &base, Accepts::V3OrV2, ports.now()))
        .map_err(crate::caller::signature_problem)
}

/// A problem of a request that is no execution: HubSpot asks again where that may help (5xx), and does not where it cannot.
fn refuse<P: Ports>(ports: &P, incoming: &Incoming, problem: &Problem) -> Answer {
    log_problem(ports, incoming, None, problem);
    problem.json(&incoming.request_id)
}

/// `POST /actions/trigger_sync`: syncs everything of all connected systems (S0-58, S0-70).
pub async fn trigger_sync<P: Ports>(ports: &P, incoming: &Incoming) -> Answer {
    let call = match verify(ports, incoming).and_then(|()| Call::of(incoming)) {
        Ok(call) => call,
        Err(problem) => return refuse(ports, incoming, &problem),
    };
    match triggered(ports, &call).await {
        Ok(outcome) => outcome.answer(),
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

async fn triggered<P: Ports>(ports: &P, call: &Call) -> Result<Outcome, Problem> {
    let store = Store::new(ports);
    if let Some(failure) = closed(&store, call.portal()).await? {
        return Ok(Outcome::Failed(failure));
    }
    let execution = Execution {
        portal: call.portal(),
        callback: &call.callback_id,
        action: "trigger_sync",
    };
    let asked = match store.claim_action(execution).await? {
        Claim::Mine(fence) => {
            if let Err(denied) = plan::may_sync(ports, call.portal()).await? {
                store.give_up_action(execution, fence).await?;
                return Ok(Outcome::Failed(Failure::denied(&denied)));
            }
            let asked = store.request_full_sync(call.portal()).await?;
            store
                .finish_action(execution, &asked.join(" "), false)
                .await?;
            asked
        }
        Claim::Done(asked) => asked.split_whitespace().map(str::to_owned).collect(),
        Claim::Busy | Claim::Unknown => return Ok(Outcome::Retry),
    };
    if asked.is_empty() {
        let failure = Failure::new(
            "not_connected",
            "No system is connected. Connect one in the settings of 300Sync.",
        );
        return Ok(Outcome::Failed(failure));
    }
    let names: Vec<&str> = asked
        .iter()
        .map(|connector| objects::connector_label(connector))
        .collect();
    let message = format!(
        "A full sync with {} starts within a minute.",
        names.join(" and ")
    );
    let outputs = vec![("sync_status".to_owned(), message.clone())];
    Ok(Outcome::Success(outputs, message))
}

/// Why nothing is done for a portal; none where it has the app.
async fn closed<P: Ports>(store: &Store<'_, P>, portal: i64) -> Result<Option<Failure>, Problem> {
    let state = store.portal_state(portal).await?;
    Ok(match state.as_ref().map(|state| state.status.as_str()) {
        Some("active") => None,
        Some("restricted") => Some(Failure::said("restricted", "")),
        _ => Some(Failure::new(
            "portal_unknown",
            "300Sync is not installed in this HubSpot account.",
        )),
    })
}
