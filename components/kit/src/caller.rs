//! Who calls, and what they may do: a user of a HubSpot portal, by HubSpot's signature or by a session of ours.

use maud::html;
use serde_json::{Map, Value};

use crate::config;
use crate::log::{self, Level};
use crate::page::Page;
use crate::ports::Ports;
use crate::roles;
use crate::session;
use crate::signature::{Accepts, SignatureError, Verifier};
use crate::store::Store;
use crate::store::sessions::Holder;
use crate::surface::{Answer, Header, Incoming, Problem};

/// The code of a problem that signing in solves.
pub(crate) const NOT_SIGNED_IN: &str = "not_signed_in";

/// How the caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By HubSpot's signature over portal and user.
    Signature,
    /// By a session cookie.
    Session,
}

/// A user of a portal that has the app.
#[derive(Debug, Clone)]
pub struct Caller {
    /// HubSpot portal.
    pub portal: i64,
    /// HubSpot user.
    pub user: i64,
    /// Host of HubSpot's user interface for the portal.
    pub ui_domain: String,
    /// Whether processing is paused.
    pub restricted: bool,
    /// How that was proven.
    pub means: Means,
}

/// What a use case answers, for programs and for people.
pub struct Reply {
    /// Members beside `ok`.
    pub json: Map<String, Value>,
    /// What a person sees.
    pub page: Page,
}

impl Caller {
    /// Who calls. Refused where nothing proves it, or the portal does not have the app.
    pub async fn of<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Self, Problem> {
        let (holder, means) = if is_signed(incoming) {
            (signed_by(ports, incoming)?, Means::Signature)
        } else {
            (session_of(ports, incoming).await?, Means::Session)
        };
        Self::in_portal(ports, holder, means).await
    }

    /// As [`Caller::of`], for routes that HubSpot alone calls: a session counts for nothing there.
    pub async fn of_hubspot<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Self, Problem> {
        let holder = signed_by(ports, incoming)?;
        Self::in_portal(ports, holder, Means::Signature).await
    }

    /// A user whose identity is proven already. Refused where the portal does not have the app.
    pub async fn in_portal<P: Ports>(
        ports: &P,
        holder: Holder,
        means: Means,
    ) -> Result<Self, Problem> {
        let portal = Store::new(ports).portal_state(holder.portal).await?;
        match portal.filter(|portal| matches!(portal.status.as_str(), "active" | "restricted")) {
            Some(portal) => Ok(Self {
                portal: holder.portal,
                user: holder.user,
                ui_domain: portal.ui_domain,
                restricted: portal.status == "restricted",
                means,
            }),
            None => Err(portal_unknown()),
        }
    }

    /// As [`Caller::of`], for what only admins may do.
    pub async fn admin_of<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Self, Problem> {
        let caller = Self::of(ports, incoming).await?;
        caller.require_admin(ports).await?;
        Ok(caller)
    }

    /// Refuses whoever does not administer (S1-39, S1-40).
    pub async fn require_admin<P: Ports>(&self, ports: &P) -> Result<(), Problem> {
        if roles::is_admin(ports, self.portal, self.user).await? {
            return Ok(());
        }
        Err(Problem::new(
            403,
            "not_admin",
            "Only the user who installed 300Sync and super admins of the HubSpot account may do this.",
        )
        .action("Ask a super admin of your HubSpot account."))
    }

    /// For the tables of tickets and sessions.
    pub fn holder(&self) -> Holder {
        Holder {
            portal: self.portal,
            user: self.user,
        }
    }

    /// Answers in the caller's form: JSON for HubSpot's proxy, which hides the body of anything but a 200; a page for a
    /// person.
    pub fn answer<P: Ports>(
        &self,
        ports: &P,
        incoming: &Incoming,
        result: Result<Reply, Problem>,
    ) -> Answer {
        match result {
            Ok(reply) if incoming.wants_page() => reply.page.answer(200, incoming, ports),
            Ok(reply) => {
                let mut json = reply.json;
                json.insert("ok".to_owned(), true.into());
                Answer::json(200, &json)
            }
            Err(problem) => self.refuse(ports, incoming, &problem),
        }
    }

    /// Tells a problem in the caller's form.
    pub fn refuse<P: Ports>(&self, ports: &P, incoming: &Incoming, problem: &Problem) -> Answer {
        log_problem(ports, incoming, Some(self.portal), problem);
        match self.means {
            Means::Signature => problem.for_card(&incoming.request_id),
            Means::Session => problem.answer(incoming, ports),
        }
    }
}

/// Whether a signature is what the caller is known by, if it holds.
fn is_signed(incoming: &Incoming) -> bool {
    incoming.header("x-hubspot-signature-v3") != Header::Absent
}

/// A portal that does not have the app.
pub(crate) fn portal_unknown() -> Problem {
    Problem::new(
        403,
        "portal_unknown",
        "300Sync is not installed in this HubSpot account.",
    )
    .action("Install 300Sync in HubSpot first.")
}

/// Has an authenticated user's call answered in the user's form.
pub async fn as_user<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    work: impl AsyncFnOnce(&Caller) -> Result<Reply, Problem>,
) -> Answer {
    match Caller::of(ports, incoming).await {
        Ok(caller) => {
            let result = work(&caller).await;
            caller.answer(ports, incoming, result)
        }
        Err(problem) => refuse(ports, incoming, &problem),
    }
}

/// As [`as_user`], for what only admins may do.
pub async fn as_admin<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    work: impl AsyncFnOnce(&Caller) -> Result<Reply, Problem>,
) -> Answer {
    as_user(ports, incoming, async |caller| {
        caller.require_admin(ports).await?;
        work(caller).await
    })
    .await
}

/// Tells a problem to someone who is not known. A portal without the app is one that must be told, where its call was signed:
/// whoever HubSpot's signature speaks for was believed by then, and its proxy hides the body of anything but a 200.
pub fn refuse<P: Ports>(ports: &P, incoming: &Incoming, problem: &Problem) -> Answer {
    log_problem(ports, incoming, None, problem);
    if is_signed(incoming) && *problem == portal_unknown() {
        return problem.for_card(&incoming.request_id);
    }
    if problem.code != NOT_SIGNED_IN || !incoming.wants_page() {
        return problem.answer(incoming, ports);
    }
    // Installing again signs the person in, and changes nothing else.
    let ways = html! { p { a.button href="/oauth/hubspot/start" { "Sign in through HubSpot" } } };
    problem.page(ways).answer(problem.status, incoming, ports)
}

/// A problem is logged by its codes, under the reference that the person quotes.
pub(crate) fn log_problem<P: Ports>(
    ports: &P,
    incoming: &Incoming,
    portal: Option<i64>,
    problem: &Problem,
) {
    let level = if problem.status >= 500 {
        Level::Error
    } else {
        Level::Warn
    };
    log::write(
        ports,
        level,
        "refused",
        &[
            ("request_id", incoming.request_id.as_str().into()),
            ("portal", portal.into()),
            ("code", problem.code.into()),
            ("detail", problem.detail.clone().into()),
        ],
    );
}

/// Identity is what HubSpot signed: `portalId` and `userId` of the query, once each.
pub(crate) fn signed_by<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Holder, Problem> {
    let base = config::public_url(ports)?;
    Verifier::from_variables(ports)
        .and_then(|verifier| verifier.verify(incoming, &base, Accepts::V3, ports.now()))
        .map_err(signature_problem)?;
    let query = incoming.query()?;
    let id = |name| {
        query
            .get(name)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse::<i64>().ok())
    };
    match (id("portalId"), id("userId")) {
        (Some(portal), Some(user)) => Ok(Holder { portal, user }),
        _ => Err(Problem::new(
            401,
            "identity_missing",
            "The request names no HubSpot account and user, or names two.",
        )),
    }
}

pub(crate) fn signature_problem(error: SignatureError) -> Problem {
    let status = match error {
        SignatureError::NotConfigured => 503,
        _ => 401,
    };
    Problem {
        detail: Some(error.code().to_owned()),
        ..Problem::new(
            status,
            "signature",
            "The request is not signed by HubSpot as it must be.",
        )
    }
}

/// Whose session it is. What changes something must come from a page of ours: another site's form brings the cookie along
/// in some browsers, but never our origin.
async fn session_of<P: Ports>(ports: &P, incoming: &Incoming) -> Result<Holder, Problem> {
    let holder = session::holder(ports, incoming).await?.ok_or_else(|| {
        Problem::new(
            401,
            NOT_SIGNED_IN,
            "You are not signed in here, or not any more.",
        )
        .action("Open 300Sync from HubSpot again.")
    })?;
    if incoming.method != "GET" {
        require_same_origin(ports, incoming)?;
    }
    Ok(holder)
}

/// Refuses a form that was not sent from a page of ours (RFC 6454, 7.3).
pub fn require_same_origin<P: Ports>(ports: &P, incoming: &Incoming) -> Result<(), Problem> {
    let base = config::public_url(ports)?;
    if incoming.header("origin") == Header::One(base.as_str()) {
        return Ok(());
    }
    Err(Problem::new(
        403,
        "foreign_origin",
        "This form was not sent from a page of 300Sync.",
    )
    .action("Open 300Sync from HubSpot again."))
}
