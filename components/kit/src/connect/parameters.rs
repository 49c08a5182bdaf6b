//! `GET` and `POST /oauth/{connector}/parameters`: App Parameters, for connectors that have no OAuth (S3-04, S3-07,
//! S3-08). What is typed in is tried at the provider before anything is stored; a password is exchanged for a token and
//! dropped (DX-03).

use maud::{Markup, html};
use serde_json::Map;

use super::begin::invitation;
use super::finish::{Settled, SignedIn, connected, settle};
use super::{Connector, connector, region, require_room, told, vault};
use crate::caller::{Caller, Means, Reply};
use crate::core::auth::Kind;
use crate::error::Class;
use crate::oauth;
use crate::oauth::provider::{ParameterError, Server, SignInError};
use crate::page::Page;
use crate::ports::Ports;
use crate::secret::Secret;
use crate::surface::{Answer, Fields, Incoming, Problem};

/// Shows the form.
pub async fn form<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    let asked = async {
        let connector = asking(id)?;
        let caller = Caller::admin_of(ports, incoming).await?;
        require_room(ports, caller.portal, id).await?;
        Ok::<_, Problem>(page(&caller, &connector, &Fields::default(), None))
    };
    match asked.await {
        Ok(page) => page.answer(200, incoming, ports),
        Err(problem) => told(ports, incoming, &problem, html! {}),
    }
}

/// A connector that asks for parameters.
fn asking(id: &str) -> Result<Connector, Problem> {
    let connector = connector(id)?;
    match connector.scheme.kind {
        Kind::OauthCode => Err(Problem::not_found()),
        _ => Ok(connector),
    }
}

/// The form, with what was typed in before (secrets excepted) and what was wrong with it.
fn page(caller: &Caller, connector: &Connector, given: &Fields, problem: Option<&Problem>) -> Page {
    let declared = &connector.declared;
    let content = html! {
        @if let Some(problem) = problem {
            div.notice.trouble role="alert" {
                p { (problem.message) }
                @if let Some(action) = &problem.action { p { (action) } }
            }
        }
        (invitation(caller, connector))
        form method="post" action={ "/oauth/" (declared.id) "/parameters" } autocomplete="off" {
            @if declared.regions.len() == 1 {
                @for region in &declared.regions { input type="hidden" name="region" value=(region.id); }
            } @else {
                label for="region" { "Region" }
                select id="region" name="region" required {
                    @for region in &declared.regions {
                        option value=(region.id) selected[given.get("region") == Some(region.id.as_str())] { (region.label) }
                    }
                }
            }
            @for parameter in &connector.scheme.parameters {
                (field(&parameter.name, &parameter.label, &parameter.help, parameter.secret, given))
            }
            p { button type="submit" { "Connect " (declared.label) } }
        }
        p.help { "What you enter is tried at " (declared.label) " first, kept sealed if it works, and never shown again." }
    };
    Page::new(format!("Connect {}", declared.label), content)
}

fn field(name: &str, label: &str, help: &str, secret: bool, given: &Fields) -> Markup {
    let kind = if secret { "password" } else { "text" };
    let value = given.get(name).filter(|_| !secret).unwrap_or_default();
    html! {
        label for={ "p-" (name) } { (label) }
        input id={ "p-" (name) } name=(name) type=(kind) value=(value) required autocomplete="off" autocapitalize="off"
            spellcheck="false" aria-describedby={ "h-" (name) };
        span.help id={ "h-" (name) } { (help) }
    }
}

/// Tries what was typed in, and connects.
pub async fn check<P: Ports>(ports: &P, incoming: &Incoming, id: &str) -> Answer {
    let known = async {
        let connector = asking(id)?;
        Ok::<_, Problem>((Caller::of(ports, incoming).await?, connector))
    };
    let (caller, connector) = match known.await {
        Ok(known) => known,
        Err(problem) => return told(ports, incoming, &problem, html! {}),
    };
    if let Err(problem) = caller.require_admin(ports).await {
        return caller.refuse(ports, incoming, &problem);
    }
    let fields = match incoming.fields() {
        Ok(fields) => fields,
        Err(problem) => return caller.refuse(ports, incoming, &problem),
    };
    match checked(ports, &caller, &connector, &fields).await {
        Ok(Checked::Connected(reply)) => caller.answer(ports, incoming, Ok(*reply)),
        Ok(Checked::Another(question)) if caller.means == Means::Session => {
            question.answer(409, incoming, ports)
        }
        Ok(Checked::Another(_)) => caller.refuse(ports, incoming, &another()),
        Err(problem) if caller.means == Means::Session && incoming.wants_page() => {
            crate::caller::log_problem(ports, incoming, Some(caller.portal), &problem);
            page(&caller, &connector, &fields, Some(&problem)).answer(
                problem.status,
                incoming,
                ports,
            )
        }
        Err(problem) => caller.refuse(ports, incoming, &problem),
    }
}

enum Checked {
    Connected(Box<Reply>),
    Another(Box<Page>),
}

/// A card cannot ask: the person answers on our page.
fn another() -> Problem {
    Problem::new(
        409,
        "another_account",
        "These are the credentials of another account than the one that was connected before. Nothing was changed.",
    )
    .action("Use those of the account that was connected before, or connect again in the pop-up to switch.")
}

async fn checked<P: Ports>(
    ports: &P,
    caller: &Caller,
    connector: &Connector,
    fields: &Fields,
) -> Result<Checked, Problem> {
    require_room(ports, caller.portal, &connector.declared.id).await?;
    let vault = vault(ports)?;
    let region = region(&connector.declared, fields)?;
    let server = Server::new(ports, &connector.declared, &region.id)?;
    let parameters: Vec<(String, Secret)> = fields
        .iter()
        .filter(|(name, _)| *name != "region")
        .map(|(name, value)| (name.to_owned(), Secret::new(value)))
        .collect();
    let budget = oauth::budget(ports);
    let tokens = server
        .sign_in(ports, &budget, &parameters)
        .await
        .map_err(|error| sign_in_problem(connector, error))?;
    let account = server
        .account(ports, &budget, &tokens.access_token, &parameters)
        .await
        .map_err(|error| sign_in_problem(connector, SignInError::Call(error)))?;
    let name = account.name.clone();
    let signed_in = SignedIn {
        tokens,
        account,
        region: &region.id,
    };
    match settle(ports, &vault, caller, connector, signed_in).await? {
        Settled::Connected => Ok(Checked::Connected(Box::new(Reply {
            json: Map::new(),
            page: connected(ports, caller, connector, &name, None)?,
        }))),
        Settled::Another => {
            let question = super::question::page(ports, &vault, caller, connector).await?;
            Ok(Checked::Another(Box::new(question)))
        }
    }
}

/// S3-06: a failed sign-in can be tried again, with a word on what to check. No value is repeated.
fn sign_in_problem(connector: &Connector, error: SignInError) -> Problem {
    let label = |name: &str| {
        let parameter = connector
            .scheme
            .parameters
            .iter()
            .find(|parameter| parameter.name == name);
        parameter.map_or_else(|| name.to_owned(), |parameter| parameter.label.clone())
    };
    match error {
        SignInError::Parameter(ParameterError::Missing(name)) => Problem::new(
            422,
            "parameter_missing",
            format!("{} is missing.", label(&name)),
        ),
        SignInError::Parameter(ParameterError::Malformed(name)) => Problem::new(
            422,
            "parameter_malformed",
            format!("{} cannot be used as it is.", label(&name)),
        ),
        SignInError::Parameter(ParameterError::Unknown) => Problem::new(
            422,
            "parameter_unknown",
            "Something was sent that is not asked for.",
        ),
        SignInError::Call(error) if matches!(error.class(), Class::Revoked | Class::Invalid) => {
            Problem {
                detail: Some(error.code().to_owned()),
                ..Problem::new(
                    422,
                    "credentials_refused",
                    format!(
                        "{} does not accept what was entered.",
                        connector.declared.label
                    ),
                )
                .action("Check user name, password and keys, and try again.")
            }
        }
        SignInError::Call(error) => error.into(),
    }
}
