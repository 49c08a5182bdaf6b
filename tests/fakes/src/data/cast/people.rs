//! People who are in HubSpot already, or seem to be.

use super::hand_made;
use crate::data::{Dataset, Fate, MatchedBy, Person};
use crate::hubspot::ObjectType;

fn person(first: &str, last: &str, email: Option<&str>, fate: Fate) -> Person {
    Person {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        title: None,
        email: email.map(str::to_owned),
        phone: None,
        address: None,
        company: None,
        fate,
    }
}

/// First and last name in Clio, e-mail in Clio, e-mail in HubSpot.
const BY_EMAIL: &[(&str, &str, &str, &str)] = &[
    (
        "Marguerite",
        "Abernathy",
        "marguerite@abernathy.example",
        "marguerite@abernathy.example",
    ),
    (
        "Bartholomew",
        "Quill",
        " B.Quill@QUILL.example ",
        "b.quill@quill.example",
    ),
    (
        "Cosima",
        "Thorne-Vale",
        "COSIMA@THORNE-VALE.EXAMPLE",
        "cosima@thorne-vale.example",
    ),
    (
        "Dashiell",
        "Marchetti",
        "dash+legal@marchetti.example",
        "dash+legal@marchetti.example",
    ),
    (
        "Eudora",
        "Finch",
        "eudora.finch@finch.example",
        "Eudora.Finch@Finch.example",
    ),
    (
        "Florian",
        "Übelacker",
        "florian@übelacker.example",
        "florian@xn--belacker-55a.example",
    ),
    (
        "Ginevra",
        "Sandoval",
        "ginevra@sandoval.example",
        "ginevra@sandoval.example",
    ),
    (
        "Horatio",
        "Blackwood",
        "horatio@blackwood.example",
        "horatio@blackwood.example",
    ),
];

/// First and last name in Clio, e-mail in Clio; first and last name in HubSpot, e-mail in HubSpot.
type ByName = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const BY_NAME: &[ByName] = &[
    ("Isolde", "Varga", None, "Isolde", "Varga", None),
    (
        "Jericho",
        "Stonebridge",
        Some("jericho@stonebridge.example"),
        "Jericho",
        "Stonebridge",
        None,
    ),
    (
        "Katarzyna",
        "Wiśniewska",
        None,
        "Katarzyna",
        "Wisniewska",
        Some("kasia@wisniewska.example"),
    ),
    (" Leopold ", "ASHCROFT", None, "Leopold", "Ashcroft", None),
    (
        "Mirabel",
        "Oduya",
        Some("mirabel@oduya.example"),
        "Dr. Mirabel",
        "Oduya",
        None,
    ),
    (
        "Nikolai",
        "Featherstone",
        Some("n/a"),
        "Nikolai",
        "Featherstone",
        None,
    ),
];

/// Equal names, different e-mail addresses.
const NAMESAKES: &[(&str, &str)] = &[
    ("Ophelia", "Drummond"),
    ("Percival", "Nakagawa"),
    ("Quentin", "Solberg"),
];

/// Families with one address, and nobody of that address in HubSpot.
const FAMILIES: &[(&str, &[&str])] = &[
    ("Ravenscroft", &["Rupert", "Rosalind"]),
    ("Tennant", &["Theodora", "Tobias", "Tamsin"]),
    ("Underhill", &["Ursula", "Ulrich"]),
    ("Vandermeer", &["Viggo", "Verity", "Vesper", "Valerian"]),
    ("Winterbourne", &["Wilhelmina", "Wolfgang"]),
    ("Yarborough", &["Yolanda", "Yorick", "Yvaine"]),
];

/// Groups of people that stay together in Clio's order.
pub(in crate::data) fn people(data: &mut Dataset) -> Vec<Vec<Person>> {
    let mut groups = Vec::new();
    for (first, last, clio, hubspot) in BY_EMAIL {
        // HubSpot knows them by a nickname: the address alone decides.
        let values = [
            ("firstname", first.get(..3).unwrap_or(first)),
            ("lastname", *last),
            ("email", *hubspot),
        ];
        let position = hand_made(data, ObjectType::Contacts, &values);
        groups.push(vec![person(
            first,
            last,
            Some(clio),
            Fate::Matched(position, MatchedBy::Email),
        )]);
    }
    for (first, last, email, hubspot_first, hubspot_last, hubspot_email) in BY_NAME {
        let mut values = vec![("firstname", *hubspot_first), ("lastname", *hubspot_last)];
        values.extend(hubspot_email.map(|email| ("email", email)));
        let position = hand_made(data, ObjectType::Contacts, &values);
        groups.push(vec![person(
            first,
            last,
            *email,
            Fate::Matched(position, MatchedBy::Name),
        )]);
    }
    for (first, last) in NAMESAKES {
        let email = |host: &str| format!("{}@{host}.example", first.to_lowercase());
        let values = [
            ("firstname", *first),
            ("lastname", *last),
            ("email", &email("elsewhere")),
        ];
        hand_made(data, ObjectType::Contacts, &values);
        groups.push(vec![person(
            first,
            last,
            Some(&email("clio")),
            Fate::Created,
        )]);
    }
    for (family, members) in FAMILIES {
        let email = format!("family@{}.example", family.to_lowercase());
        let group = members.iter().enumerate().map(|(position, first)| {
            let fate = if position == 0 {
                Fate::Created
            } else {
                Fate::Waiting
            };
            person(first, family, Some(&email), fate)
        });
        groups.push(group.collect());
    }
    // Two in Clio claim the address of one in HubSpot: none gets it.
    for (first, second, last) in [
        ("Xanthe", "Xavier", "Pemberton"),
        ("Zephyr", "Zinnia", "Lockhart"),
    ] {
        let email = format!("home@{}.example", last.to_lowercase());
        let values = [
            ("firstname", first),
            ("lastname", last),
            ("email", email.as_str()),
        ];
        hand_made(data, ObjectType::Contacts, &values);
        groups.push(vec![
            person(first, last, Some(&email), Fate::Waiting),
            person(second, last, Some(&email.to_uppercase()), Fate::Waiting),
        ]);
    }
    // One in Clio, two of the name in HubSpot.
    for (first, last) in [("Alexandra", "Doppelreiter"), ("Benedict", "Twinsmith")] {
        for phone in ["+12125550111", "+12125550112"] {
            let values = [("firstname", first), ("lastname", last), ("phone", phone)];
            hand_made(data, ObjectType::Contacts, &values);
        }
        groups.push(vec![person(first, last, None, Fate::Waiting)]);
    }
    // Two of the name in Clio, one in HubSpot.
    hand_made(
        data,
        ObjectType::Contacts,
        &[("firstname", "Cornelius"), ("lastname", "Ambrose")],
    );
    groups.push(vec![
        person("Cornelius", "Ambrose", None, Fate::Waiting),
        person("Cornelius", "Ambrose", None, Fate::Waiting),
    ]);
    // Two of the name in Clio, none in HubSpot: two people.
    groups.push(vec![
        person("Dorothea", "Kingsley", None, Fate::Created),
        person("Dorothea", "Kingsley", None, Fate::Created),
    ]);
    groups
}
