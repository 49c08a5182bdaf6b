use proptest::prelude::*;

use super::*;

fn apply(name: &str, value: &str) -> Result<Option<String>, ValueError> {
    Transform::parse(name).unwrap().apply(value, "US")
}

fn is(name: &str, value: &str, expected: &str) {
    assert_eq!(
        apply(name, value),
        Ok(Some(expected.to_owned())),
        "{name} of {value:?}"
    );
}

fn fails(name: &str, value: &str, error: ValueError) {
    assert_eq!(apply(name, value), Err(error), "{name} of {value:?}");
}

const NAMES: [&str; 9] = [
    "trim",
    "email_normalise",
    "phone_e164_or_raw",
    "registrable_domain",
    "date",
    "datetime",
    "date_to_datetime_utc_midnight",
    "plain_text",
    "enum:Open=open,Pending=pending",
];

#[test]
fn blank_is_no_value() {
    for name in NAMES {
        for blank in ["", " ", "\t\r\n", "\0", "\u{a0}"] {
            assert_eq!(apply(name, blank), Ok(None), "{name} of {blank:?}");
        }
    }
}

#[test]
fn trims_and_drops_what_hubspot_cannot_store() {
    is("trim", "  Anna\t", "Anna");
    is("trim", "An\0na", "Anna");
    is(
        "trim",
        "1 Main St\r\nSuite 2\rRear",
        "1 Main St\nSuite 2\nRear",
    );
    is("trim", "\0 x", "x");
}

#[test]
fn refuses_what_is_longer_than_hubspot_stores() {
    is("trim", &"ä".repeat(65_536), &"ä".repeat(65_536));
    fails("trim", &"ä".repeat(65_537), ValueError::Length);
    fails("plain_text", &"<p>x</p>".repeat(65_537), ValueError::Length);
}

#[test]
fn normalises_emails() {
    is(
        "email_normalise",
        " Anna.Lee@Example.COM ",
        "anna.lee@example.com",
    );
    is(
        "email_normalise",
        "anna@bücher.example",
        "anna@xn--bcher-kva.example",
    );
    is("email_normalise", "Ａnna@example.com", "anna@example.com");
    is("email_normalise", "a+tag@gmail.com", "a+tag@gmail.com");
    for invalid in [
        "anna",
        "@example.com",
        "anna@",
        "anna@localhost",
        "a b@example.com",
        "anna@exa mple.com",
        "anna@-example.com",
        "anna@example..com",
        "\"a b\"@example.com",
        "anna@[127.0.0.1]",
        "Anna <anna@example.com>",
        "jürgen@example.com",
        "a@b@example.com",
        ".a@example.com",
        "a;b@example.com,c@example.com",
    ] {
        fails("email_normalise", invalid, ValueError::Email);
    }
}

#[test]
fn formats_phone_numbers_where_they_are_valid() {
    is("phone_e164_or_raw", "(415) 555-2671", "+14155552671");
    is("phone_e164_or_raw", "415.555.2671", "+14155552671");
    is("phone_e164_or_raw", "+44 20 7946 0958", "+442079460958");
    is(
        "phone_e164_or_raw",
        "415-555-2671 x89",
        "+14155552671 ext. 89",
    );
    is("phone_e164_or_raw", "555-2671", "555-2671");
    is("phone_e164_or_raw", " ask Anna ", "ask Anna");
    let phone = Transform::Phone;
    assert_eq!(
        phone.apply("020 7946 0958", "GB"),
        Ok(Some("+442079460958".to_owned()))
    );
    assert_eq!(
        phone.apply("0412 345 678", "AU"),
        Ok(Some("+61412345678".to_owned()))
    );
    assert_eq!(
        phone.apply("020 7946 0958", "ZZ"),
        Ok(Some("020 7946 0958".to_owned()))
    );
}

/// Every declared country must be one that numbers are known of.
#[test]
fn knows_the_countries_of_all_connectors() {
    let supported: Vec<_> = rlibphonenumber::PHONE_NUMBER_UTIL
        .get_supported_regions()
        .collect();
    for id in crate::declaration::ids() {
        for region in &crate::declaration::find(id).unwrap().declaration.regions {
            let country = rlibphonenumber::Region::try_from(region.phone_country.as_str());
            assert!(
                supported.contains(&country.unwrap()),
                "{}",
                region.phone_country
            );
        }
    }
}

#[test]
fn finds_registrable_domains() {
    for site in [
        "acme.co.uk",
        "https://www.Acme.co.uk/about?x=1#y",
        "http://shop.acme.co.uk:8080",
        "//acme.co.uk.",
        "user:pw@acme.co.uk",
        "info@acme.co.uk",
        "ACME.CO.UK\\x",
    ] {
        is("registrable_domain", site, "acme.co.uk");
    }
    is(
        "registrable_domain",
        "https://münchen-recht.de",
        "xn--mnchen-recht-dlb.de",
    );
    is(
        "registrable_domain",
        "shop.example.blogspot.com",
        "example.blogspot.com",
    );
    for invalid in [
        "acme",
        "co.uk",
        "http://",
        "127.0.0.1",
        "[::1]",
        "no site",
        "a..com",
        "n/a",
    ] {
        fails("registrable_domain", invalid, ValueError::Domain);
    }
}

#[test]
fn gives_dates_and_times_in_hubspots_forms() {
    is("date", "2024-02-29", "2024-02-29");
    is("date", "2024-02-29T23:30:00-08:00", "2024-02-29");
    is("date", "1709164800000", "2024-02-29");
    is(
        "datetime",
        "2024-02-29T23:30:00-08:00",
        "2024-03-01T07:30:00Z",
    );
    is(
        "datetime",
        "2024-02-29T23:30:00.1239Z",
        "2024-02-29T23:30:00.123Z",
    );
    is("datetime", "1709164800000", "2024-02-29T00:00:00Z");
    is(
        "date_to_datetime_utc_midnight",
        "2024-02-29",
        "2024-02-29T00:00:00Z",
    );
    for name in ["date", "datetime", "date_to_datetime_utc_midnight"] {
        for invalid in [
            "2023-02-29",
            "29.02.2024",
            "tomorrow",
            "2024",
            "2024-2-9",
            "99999999999999999",
        ] {
            fails(name, invalid, ValueError::Date);
        }
    }
}

/// S0-30, S0-31, S0-32
#[test]
fn translates_enumerations() {
    let status = "enum:Open=open,Pending=pending,Closed=closed";
    is(status, "Open", "open");
    is(status, "Pending", "pending");
    is(status, "Closed", "closed");
    fails(status, "Won", ValueError::Option);
    is("enum:pending,in_progress", "in_progress", "in_progress");
    for broken in ["enum:", "enum:a=b,", "enum:a=,b=c"] {
        assert_eq!(
            Transform::parse(broken),
            Err(TransformError::EmptyOption),
            "{broken}"
        );
    }
    for broken in ["enum:a=b,a=c", "enum:a=c,b=c"] {
        let error = Transform::parse(broken).unwrap_err();
        assert!(
            matches!(error, TransformError::DuplicateOption(_)),
            "{broken}"
        );
    }
}

#[test]
fn reads_text_out_of_html() {
    is("plain_text", "no markup\r\nat all", "no markup\nat all");
    is(
        "plain_text",
        "<p>One</p><p>Two&nbsp;&amp; three</p>",
        "One\n\nTwo\u{a0}& three",
    );
    is("plain_text", "a<br>b<BR/>c", "a\nb\nc");
    is("plain_text", "<ul><li>x</li><li>y</li></ul>", "- x\n\n- y");
    is("plain_text", "<script>alert('<p>')</script>safe", "safe");
    is("plain_text", "<style>p{}</style><!-- x --> safe", "safe");
    is(
        "plain_text",
        "1 < 2 && 3 > 2, R&D <3",
        "1 < 2 && 3 > 2, R&D <3",
    );
    is("plain_text", "<a href=\"x\">link</a> <b>bold", "link bold");
    is("plain_text", "unclosed <tag", "unclosed <tag");
    is("plain_text", "a <b c <i>d</i>", "a <b c d");
    assert_eq!(apply("plain_text", "<p></p><br>"), Ok(None));
    fails("plain_text", &"<a".repeat(5 << 20), ValueError::Length);
}

#[test]
fn goes_back() {
    for (name, value, back) in [
        ("trim", " x ", Some("x")),
        ("registrable_domain", "acme.com", Some("https://acme.com")),
        (
            "date_to_datetime_utc_midnight",
            "2024-02-29T00:00:00Z",
            Some("2024-02-29"),
        ),
        ("enum:Open=open", "open", Some("Open")),
        ("enum:Open=open", "won", None),
        ("date", "soon", None),
    ] {
        let there = Transform::parse(name).unwrap();
        assert_eq!(there.inverse(value).as_deref(), back, "{name} of {value}");
    }
}

/// Values that transforms take, and much that they do not.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "[A-Za-z0-9.+_-]{1,12}@[a-zA-Zäöü0-9-]{1,10}\\.(com|co\\.uk|example)",
        "\\+?[0-9 ().x-]{3,20}",
        "(https?://)?(www\\.)?[a-zäöü0-9-]{1,10}\\.(com|co\\.uk|de)(:80)?(/[a-z]*)?",
        "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-5][0-9]:00(Z|[+-]0[0-9]:00))?",
        "-?[0-9]{8,15}",
        "(<(p|br|li|script|/p|/script|!--)>|&(amp|lt|#13|nbsp);|[ a-z<>&\r\n]){0,20}",
        Just("Open".to_owned()),
        Just("Pending".to_owned()),
    ]
}

proptest! {
    /// What HubSpot gives back of a value compares equal to it.
    #[test]
    fn hubspots_copy_compares_equal(value in any_value(), name in prop::sample::select(&NAMES[..])) {
        let transform = Transform::parse(name).unwrap();
        if let Ok(Some(there)) = transform.apply(&value, "US") {
            prop_assert_eq!(transform.canonical(&there, "US"), there.as_str());
        }
    }

    /// T, then its inverse, then T is T.
    #[test]
    fn there_and_back_is_no_change(value in any_value(), name in prop::sample::select(&NAMES[..])) {
        let transform = Transform::parse(name).unwrap();
        // Text of markup is text: it does not become markup again.
        prop_assume!(transform != Transform::PlainText);
        if let Ok(Some(there)) = transform.apply(&value, "US")
            && let Some(back) = transform.inverse(&there)
        {
            prop_assert_eq!(transform.apply(&back, "US"), Ok(Some(there)));
        }
    }

    #[test]
    fn canonical_forms_are_final(value in any_value(), name in prop::sample::select(&NAMES[..])) {
        let transform = Transform::parse(name).unwrap();
        let once = transform.canonical(&value, "US");
        prop_assert_eq!(transform.canonical(&once, "US"), once.as_ref());
    }

    #[test]
    fn any_region_and_value_is_taken(value in any_value(), country in "[A-Z]{2}") {
        let once = Transform::Phone.canonical(&value, &country);
        let twice = Transform::Phone.canonical(&once, &country);
        prop_assert_eq!(&twice, &once);
    }
}
