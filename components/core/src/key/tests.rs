use proptest::prelude::*;

use super::*;

fn key(kind: KeyKind, value: &str) -> Option<String> {
    of_one(kind, value, false)
}

fn person(first: &str, last: &str) -> String {
    of_person(first, last).unwrap()
}

fn company(name: &str) -> String {
    key(KeyKind::CompanyName, name).unwrap()
}

/// S0-97
#[test]
fn an_address_is_one_persons() {
    let email = |address| key(KeyKind::Email, address);
    assert_eq!(
        email("Anna@Example.com").as_deref(),
        Some("anna@example.com")
    );
    assert_eq!(
        email("a+news@gmail.com").as_deref(),
        Some("a+news@gmail.com")
    );
    for shared in [
        "info@acme.com",
        "noreply@acme.com",
        "None@none.com",
        "test@test.com",
        "info+x@acme.com",
        "no address",
        "",
    ] {
        assert_eq!(email(shared), None, "{shared}");
    }
}

/// DX-18
#[test]
fn a_domain_is_one_companys() {
    let domain = |name| key(KeyKind::Domain, name);
    assert_eq!(domain("acme.co.uk").as_deref(), Some("acme.co.uk"));
    assert_eq!(domain("https://www.acme.com/").as_deref(), Some("acme.com"));
    for shared in ["gmail.com", "facebook.com", "linktr.ee", "x.com", ""] {
        assert_eq!(domain(shared), None, "{shared}");
    }
    assert_eq!(domain("netflix.com").as_deref(), Some("netflix.com"));
}

/// S0-97, S0-98
#[test]
fn names_compare_without_what_does_not_tell_people_apart() {
    let plain = person("Anna", "Müller");
    for (first, last) in [
        ("anna", "MULLER"),
        ("Müller", "Anna"),
        ("Dr. Anna", "Müller"),
        ("Anna", "Müller, Esq."),
        (" Anna ", "Mu\u{308}ller"),
        ("Mrs. Anna", "Müller Jr."),
    ] {
        assert_eq!(person(first, last), plain, "{first} {last}");
    }
    assert_eq!(person("Sean", "O'Brien"), person("Seán", "O’Brien"));
    assert_ne!(person("Bill", "Gates"), person("William", "Gates"));
    assert_ne!(person("Ann", "Müller"), plain);
    for (first, last) in [("", "Smith"), ("Anna", " "), ("...", "Smith")] {
        assert_eq!(of_person(first, last), None);
    }
}

#[test]
fn company_names_compare_without_their_legal_form() {
    let plain = company("Acme");
    for name in [
        "ACME, Inc.",
        "The Acme Company",
        "Acme L.L.C.",
        "acme gmbh",
        "Acme & Co.",
    ] {
        assert_eq!(company(name), plain, "{name}");
    }
    assert_eq!(company("Smith & Jones LLP"), company("Smith and Jones"));
    assert_ne!(company("Acme Holdings"), plain);
    // One word always stays.
    assert_eq!(company("Limited"), "limited");
    assert_eq!(key(KeyKind::CompanyName, "—"), None);
}

#[test]
fn folds_case_fully() {
    let title = |text| key(KeyKind::Title, text);
    assert_eq!(title("STRASSE"), title("straße"));
    assert_eq!(title("ﬁle № 5"), title("FILE NO 5"));
    assert_eq!(title("  Estate   of\tSmith "), title("estate of smith"));
}

proptest! {
    /// A key is its own key.
    #[test]
    fn normalising_twice_changes_nothing(text in any::<String>()) {
        for kind in [KeyKind::Title, KeyKind::CompanyName, KeyKind::Email, KeyKind::Domain] {
            if let Some(once) = key(kind, &text) {
                prop_assert_eq!(key(kind, &once), Some(once.clone()));
            }
        }
    }

    #[test]
    fn the_order_of_names_is_no_difference(a in any::<String>(), b in any::<String>()) {
        let there = of_person(&a, &b);
        prop_assert_eq!(there, of_person(&b, &a));
    }
}
