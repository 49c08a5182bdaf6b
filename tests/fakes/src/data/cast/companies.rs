//! Companies that are in HubSpot already, or seem to be.

use super::hand_made;
use crate::data::{Company, Dataset, Fate, MatchedBy};
use crate::hubspot::ObjectType;

fn company(name: &str, web_site: Option<&str>, fate: Fate) -> Company {
    Company {
        name: name.to_owned(),
        web_site: web_site.map(str::to_owned),
        phone: None,
        address: None,
        fate,
    }
}

/// Name in Clio, web site in Clio; name in HubSpot, domain in HubSpot.
const BY_DOMAIN: &[(&str, &str, &str, &str)] = &[
    (
        "Ackerley Orchards",
        "https://www.Ackerley-Orchards.example/contact",
        "Ackerley",
        "ackerley-orchards.example",
    ),
    (
        "Brightwater Chambers",
        "clients.brightwater-chambers.co.uk",
        "Brightwater",
        "brightwater-chambers.co.uk",
    ),
    (
        "Corvus Analytics, Inc.",
        "HTTP://CORVUS-ANALYTICS.EXAMPLE:8080",
        "Corvus",
        "corvus-analytics.example",
    ),
    (
        "Müller & Söhne GmbH",
        "https://www.müller-söhne.example",
        "Mueller und Soehne",
        "xn--mller-shne-kcb9d.example",
    ),
    (
        "Dunmore Glassworks",
        "dunmore-glass.example.",
        "Dunmore",
        "dunmore-glass.example",
    ),
    (
        "Eastvale Pediatrics PLLC",
        "www.eastvale-pediatrics.example",
        "Eastvale",
        "eastvale-pediatrics.example",
    ),
];

/// Name in Clio, web site in Clio; name in HubSpot, domain in HubSpot.
type CompanyByName = (
    &'static str,
    Option<&'static str>,
    &'static str,
    Option<&'static str>,
);

const COMPANY_BY_NAME: &[CompanyByName] = &[
    ("Fennimore Realty, Inc.", None, "Fennimore Realty", None),
    (
        "GRISWOLD SHIPPING LLC",
        Some("griswold-shipping.example"),
        "Griswold Shipping",
        None,
    ),
    (
        "Hartigan  Brewing",
        None,
        "Hartigan Brewing Ltd",
        Some("hartigan-brewing.example"),
    ),
    ("Ingleby Énergie", None, "Ingleby Energie", None),
];

/// Groups of companies that stay together in Clio's order.
pub(in crate::data) fn companies(data: &mut Dataset) -> Vec<Vec<Company>> {
    let mut groups = Vec::new();
    for (name, web_site, hubspot_name, domain) in BY_DOMAIN {
        let values = [("name", *hubspot_name), ("domain", *domain)];
        let position = hand_made(data, ObjectType::Companies, &values);
        groups.push(vec![company(
            name,
            Some(web_site),
            Fate::Matched(position, MatchedBy::Domain),
        )]);
    }
    for (name, web_site, hubspot_name, domain) in COMPANY_BY_NAME {
        let mut values = vec![("name", *hubspot_name)];
        values.extend(domain.map(|domain| ("domain", domain)));
        let position = hand_made(data, ObjectType::Companies, &values);
        groups.push(vec![company(
            name,
            *web_site,
            Fate::Matched(position, MatchedBy::Name),
        )]);
    }
    // Equal names, different domains.
    hand_made(
        data,
        ObjectType::Companies,
        &[
            ("name", "Jubilee Partners"),
            ("domain", "jubilee-partners.example"),
        ],
    );
    groups.push(vec![company(
        "Jubilee Partners",
        Some("jubilee-boston.example"),
        Fate::Created,
    )]);
    // One in Clio, two of the domain in HubSpot, where domains are not unique.
    for name in ["Kilbride Tools", "Kilbride Tools West"] {
        hand_made(
            data,
            ObjectType::Companies,
            &[("name", name), ("domain", "kilbride-tools.example")],
        );
    }
    groups.push(vec![company(
        "Kilbride",
        Some("www.kilbride-tools.example"),
        Fate::Waiting,
    )]);
    // Two in Clio, one of the domain in HubSpot.
    hand_made(
        data,
        ObjectType::Companies,
        &[
            ("name", "Lindenthal"),
            ("domain", "lindenthal-group.example"),
        ],
    );
    groups.push(vec![
        company(
            "Lindenthal North",
            Some("lindenthal-group.example/north"),
            Fate::Waiting,
        ),
        company(
            "Lindenthal South",
            Some("lindenthal-group.example/south"),
            Fate::Waiting,
        ),
    ]);
    groups
}
