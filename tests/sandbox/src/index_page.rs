//! `GET /`: where a newcomer sees the state.

use std::fmt::Write as _;

use sync300_fakes::Stripe;
use sync300_fakes::clio::Resource;
use sync300_fakes::hubspot::ObjectType;

use crate::{Platform, PlatformError};

/// The page: what listens where, and what both sides hold.
pub fn page(platform: &Platform, address: &str) -> Result<String, PlatformError> {
    let portal = platform.portal()?;
    let account = platform.account()?;
    let mut rows = String::new();
    let mut row = |clio: &str, there: usize, hubspot: &str, here: usize| {
        // Writing to a String does not fail.
        writeln!(rows, "<tr><td>{clio}<td>{there}<td>{hubspot}<td>{here}").ok();
    };
    row(
        "People",
        account.count_contacts("Person"),
        "Contacts",
        portal.count(ObjectType::Contacts),
    );
    row(
        "Companies",
        account.count_contacts("Company"),
        "Companies",
        portal.count(ObjectType::Companies),
    );
    row(
        "Matters",
        account.count(Resource::Matters),
        "Deals",
        portal.count(ObjectType::Deals),
    );
    row(
        "Tasks",
        account.count(Resource::Tasks),
        "Tickets",
        portal.count(ObjectType::Tickets),
    );
    let mut routes = String::new();
    for (route, component) in platform.app.routes() {
        writeln!(routes, "<li><code>{address}{route}</code> {component}").ok();
    }
    Ok(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>sync300</title>\
         <style>body{{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}}\
         td,th{{padding:.2rem 1rem .2rem 0;text-align:left}}code{{background:#eee}}</style>\
         <h1>sync300</h1>\
         <p>The application, a fake HubSpot, a fake Clio and a fake Stripe on this machine. A few records change in Clio every minute, \
         and the next tick brings them to HubSpot.\
         <table><tr><th>Clio<th>records<th>HubSpot<th>records\n{rows}</table>\
         <h2>Inside HubSpot</h2>\
         <p><a href=\"{address}/hubspot\">Records with the app's cards</a>, its settings, its history, and its workflow actions as \
         forms: the very bundles that HubSpot loads, asking the application as HubSpot does. A record can be edited there, and at the \
         other end <a href=\"{address}/clio\">in Clio</a>.\
         <h2>Install and connect by hand</h2>\
         <p>HubSpot, Clio and Stripe are fakes, and ask for no password and no card.\
         <ol><li><a href=\"{address}/oauth/hubspot/start\">Install in HubSpot</a>: choose an account and a user there.\
         <li><a href=\"{address}/oauth/clio/start\">Connect Clio</a>, or connect it again.\
         <li><a href=\"{address}/account\">See what is connected</a>, disconnect, export, uninstall.\
         <li><a href=\"{address}/billing\">Plan and billing</a>: what the plan allows and what is used; upgrade, downgrade, \
         cancel. The next tick goes by it.</ol>\
         <h2>The application</h2><ul>{routes}</ul>\
         <p>Wake the sync: <code>curl -X POST -H 'Authorization: Bearer {token}' {address}/sync/tick</code>\
         <h2>The fakes</h2><ul><li>HubSpot: <code>{hubspot}</code><li>Clio: <code>{clio}</code>\
         <li>Stripe: <code>{stripe}</code></ul>",
        token = platform.tick_token(),
        hubspot = platform.hubspot.url(),
        clio = platform.clio.url(),
        stripe = platform
            .stripe
            .as_ref()
            .map_or_else(|| "off".to_owned(), Stripe::url),
    ))
}
