use sync300_kit::store::installs::ERASE_AFTER_MILLIS;

use crate::world::*;

fn text() -> String {
    let answer = send(&world(), &request("GET", "/account/privacy", &[], ""));
    assert_eq!(answer.status, 200);
    json(&answer)["text"].as_str().unwrap().to_owned()
}

/// S1-01, S1-05, S1-42, S1-62: for everybody, as a page or as text, with the date at the top and both addresses.
#[test]
fn everybody_reads_the_statement() {
    let accept = [("accept", "text/html,application/xhtml+xml")];
    let page = send(&world(), &request("GET", "/account/privacy", &accept, ""));
    assert_eq!(page.status, 200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.header("set-cookie").is_none());
    for shown in [
        "<p>Effective date: March 11, 2026</p>",
        "<h2>Your rights</h2>",
        "privacy@300sync.com",
        "support@300sync.com",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    assert!(!page.body.contains("<script"));
    assert!(text().starts_with("Effective date: March 11, 2026\n"));
}

/// S1-04, S1-14 to S1-17, S1-26, S1-27, S1-43 to S1-48, S1-51 to S1-62, DX-13, DX-17: what it has to say.
#[test]
fn the_statement_says_what_it_has_to() {
    let text = text();
    for said in [
        // Cookies, tracking, sale.
        "There are none for advertising or tracking",
        "no third-party analytics",
        "not sold, rented or brokered",
        // Place and processors.
        "stored in the United States",
        "transferred to the United States",
        "- HubSpot:",
        "- Stripe:",
        "- Fermyon",
        // Times.
        "as long as you use the service",
        "90 days",
        "400 days",
        "deleted at once when you disconnect",
        "7 years",
        "60 days at most",
        // Rights.
        "free of charge",
        "within 30 days",
        "5 business days",
        "prove who you are",
        "JSON or CSV",
        "withdrawal of consent",
        // The rest.
        "legitimate interests",
        "under 13 (16 in the European Union)",
        "the date at the top changes",
    ] {
        assert!(text.contains(said), "{said}");
    }
    // The page says what the clock does.
    assert_eq!(ERASE_AFTER_MILLIS, 30 * 24 * 60 * 60 * 1_000);
    assert!(text.contains("everything is deleted after 30 days"));
}
