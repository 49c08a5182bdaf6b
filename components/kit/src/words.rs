//! Codes and times in words, for people who never see a log.

use std::borrow::Cow;

use crate::plan;

/// When somebody answers (S0-106).
pub const SUPPORT: &str = "Support answers Monday to Friday, 9am to 6pm ET.";

/// What a code means, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is wrong, in a sentence. No value of a record.
    pub message: Cow<'static, str>,
    /// The way forward, in a sentence.
    pub action: Cow<'static, str>,
}

/// How long ago something was, as people say it (S0-67). A time that is still to come is one of clocks that differ.
pub fn ago(now: i64, at: i64) -> String {
    let seconds = now.saturating_sub(at).max(0) / 1_000;
    let (count, unit) = match seconds {
        0..=44 => return "just now".to_owned(),
        45..=3_569 => ((seconds + 30) / 60, "minute"),
        3_570..=84_599 => ((seconds + 1_800) / 3_600, "hour"),
        _ => ((seconds + 43_200) / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

/// Puts a code of a run, a record or a field into words. `label`: the connector's name for people.
pub fn explain(code: &str, label: &str) -> Words {
    let (side, bare) = match (
        code.strip_prefix("hubspot_"),
        code.strip_prefix("provider_"),
    ) {
        _ if matches!(code, "hubspot_gone" | "provider_gone") => (label, code),
        (Some(bare), _) => ("HubSpot", bare),
        (_, Some(bare)) => (label, bare),
        _ => (label, code),
    };
    access(side, bare, label)
        .or_else(|| limits(side, bare))
        .or_else(|| record(bare, label))
        .or_else(|| value(bare, label))
        .or_else(|| plan(bare))
        .unwrap_or_else(|| {
            say(
                "Something has to be put right on our side.",
                format!("Quote the code {} to support. {SUPPORT}", shown(code)),
            )
        })
}

/// What it means for a record to have nothing that the strongest tier matches by (S3-19); none where there are no words for
/// it. `tier`: as the connector names it.
pub fn without(tier: &str, label: &str) -> Option<String> {
    let what = match tier {
        "email" => "e-mail address",
        "domain" => "web address",
        _ => return None,
    };
    Some(format!(
        "It has no {what} in {label}, so that it is known by its name alone: with one, it may be matched by itself."
    ))
}

fn say(message: impl Into<Cow<'static, str>>, action: impl Into<Cow<'static, str>>) -> Words {
    Words {
        message: message.into(),
        action: action.into(),
    }
}

/// A code as it may be shown: a bare word.
fn shown(code: &str) -> String {
    code.chars()
        .filter(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || *letter == '_')
        .take(40)
        .collect()
}

/// Who may not call any more (S0-101, S0-102).
fn access(side: &str, code: &str, label: &str) -> Option<Words> {
    Some(match code {
        "token_expired" | "revoked" | "unauthorized" | "invalid_token" | "invalid_grant"
        | "access_denied" => match side {
            "HubSpot" => say(
                "The access to HubSpot has expired or was withdrawn.",
                "Install 300Sync again in HubSpot.",
            ),
            _ => say(
                format!("The access to {side} has expired or was withdrawn."),
                format!("Reconnect {side} in the settings."),
            ),
        },
        "missing_scope" | "forbidden" => say(
            format!("300Sync lacks a permission in {side}."),
            "Re-authorize with the updated scopes.",
        ),
        "account_switched" => say(
            format!("The connection was moved to another {label} account."),
            "Nothing: the next sync brings the new account's records.",
        ),
        "disconnected" => say(
            format!("{label} is not connected."),
            format!("Connect {label} in the settings."),
        ),
        "paused" | "restricted" => say(
            "Processing is paused for this HubSpot account.",
            "An admin can resume it in the settings.",
        ),
        _ => return None,
    })
}

/// What passes by itself (S0-103).
fn limits(side: &str, code: &str) -> Option<Words> {
    Some(match code {
        "limited" | "rate_limited" | "daily_limit" | "locked" | "migrating" => say(
            format!("{side} allows no more calls for the moment."),
            "Nothing: the next scheduled sync tries again by itself.",
        ),
        "unavailable" | "network" | "timeout" | "malformed_answer" | "token_busy"
        | "budget_spent" | "lease_lost" | "database" => say(
            format!("{side} did not answer in time."),
            "Nothing: the sync tries again by itself.",
        ),
        _ => return None,
    })
}

/// What stands between a record and its other side.
fn record(code: &str, label: &str) -> Option<Words> {
    Some(match code {
        "several_candidates" => say(
            "More than one HubSpot record could be this one.",
            "Choose the right one in the review queue.",
        ),
        "several_claimants" => say(
            format!("More than one {label} record could be this one."),
            "Choose the right one in the review queue.",
        ),
        "already_linked" => say(
            format!("The HubSpot record that fits belongs to another {label} record."),
            "Choose the right one in the review queue, or merge the records that are the same.",
        ),
        "provider_behind" | "provider_restored" => say(
            format!("What HubSpot holds of this record is on its way to {label}."),
            "Nothing: the sync that is under way brings it.",
        ),
        "undecided" => say(
            "It is not clear yet which records belong together.",
            "Look into the review queue after the next sync.",
        ),
        "provider_gone" => say(
            format!("{label} does not show this record any more."),
            format!("Check in {label} whether it was deleted, or hidden from the connected user."),
        ),
        "hubspot_gone" => say(
            "The HubSpot record was deleted. It is not created again.",
            "Restore it in HubSpot to sync it again.",
        ),
        "association_refused" => say(
            "HubSpot did not associate this record with another.",
            "Check whether one of the two was deleted in HubSpot.",
        ),
        "unlinked_by_user" => say(
            "Somebody took this record out of the sync.",
            "Link it in the review queue to sync it again.",
        ),
        "linked_by_user" | "candidate_gone" | "moved" | "restored" | "listed" => say(
            "The next sync looks at this record anew.",
            "Nothing: it is done within a minute.",
        ),
        "created_by_action" => say(
            format!("A workflow created this record in {label}, or may have."),
            "Nothing: the next sync compares both sides.",
        ),
        "privacy_deleted" => say(
            "This person's data was deleted in HubSpot for privacy. The record is not synced any more.",
            "Nothing. To sync it again, link it in the review queue.",
        ),
        "deletions_held_back" => say(
            format!(
                "More records were deleted in {label} at once than are believed without asking."
            ),
            "An admin can say in the review queue that they are really deleted.",
        ),
        "not_listed" => say(
            "It is not in the HubSpot list that was chosen, so it is not synced.",
            "Put the HubSpot record into the list to sync it, or have an admin choose another list in the settings.",
        ),
        "left_out" => say(
            "Some are not in the HubSpot list that was chosen, and were left out.",
            "Nothing, if that is as it should be. Put a HubSpot record into the list to sync it.",
        ),
        "list_gone" => say(
            "The HubSpot list that was chosen does not exist any more, so nothing of this kind is synced.",
            "An admin can restore the list in HubSpot, or choose another one, or none, in the settings.",
        ),
        "list_forbidden" => say(
            "300Sync may not read lists in HubSpot, so nothing of this kind is synced.",
            "Install 300Sync again in HubSpot and allow it to see lists, or choose no list in the settings.",
        ),
        "not_linked" => say(
            format!("This record is not linked to one in {label}."),
            format!("It is linked by the next sync, if exactly one record in {label} is the same."),
        ),
        "object_off" => say(
            "This kind of record is switched off.",
            "An admin can switch it on in the settings.",
        ),
        "conflict" | "unique_value_shared" => say(
            "Another HubSpot record has the same unique value, e.g. the same e-mail address.",
            "Merge the two records in HubSpot, or correct the value.",
        ),
        _ => return None,
    })
}

/// What is wrong with a value (S0-102, S3-22).
fn value(code: &str, label: &str) -> Option<Words> {
    Some(match code {
        "missing_property" => say(
            "A HubSpot property that the sync needs is missing.",
            "Re-authorize with the updated scopes; the next sync creates it again.",
        ),
        "provider_required" => say(
            format!("{label} needs a value that this record does not have."),
            "Fill in the field in HubSpot.",
        ),
        "required" | "required_missing" => say(
            "A field that HubSpot requires has no value.",
            format!("Fill it in in {label}, or map another field to it."),
        ),
        "invalid_value" | "wrong_type" | "invalid" | "refused" => say(
            "A value does not fit its field on the other side.",
            format!("Correct it in {label}, or change the field's mapping."),
        ),
        "read_only" => say(
            "The HubSpot property cannot be written.",
            "Map the field to another property.",
        ),
        "invalid_email" => say(
            "The e-mail address is not one.",
            format!("Correct it in {label}."),
        ),
        "invalid_domain" => say(
            "The web address is not one.",
            format!("Correct it in {label}."),
        ),
        "invalid_date" => say("The date is not one.", format!("Correct it in {label}.")),
        "unknown_option" => say(
            "The value is none of the options.",
            "Add the option to the mapping, or correct the value.",
        ),
        "too_long" => say(
            "The text is longer than HubSpot takes (65,536 characters).",
            format!("Shorten it in {label}."),
        ),
        "mapping_invalid" => say(
            "A field mapping cannot be used as it is.",
            "Correct the mappings in the settings, or set them back to the defaults.",
        ),
        _ => return None,
    })
}

/// What the portal's plan does not have (S1-18).
fn plan(code: &str) -> Option<Words> {
    if !code.starts_with("plan_") {
        return None;
    }
    let (message, action) = plan::explain(code);
    Some(say(message, action))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    /// S0-67: as people say it.
    #[test]
    fn times_are_relative() {
        let minute = 60_000;
        for (millis, words) in [
            (-5_000, "just now"),
            (0, "just now"),
            (44_999, "just now"),
            (45_000, "1 minute ago"),
            (3 * minute, "3 minutes ago"),
            (59 * minute, "59 minutes ago"),
            (60 * minute, "1 hour ago"),
            (5 * 60 * minute, "5 hours ago"),
            (24 * 60 * minute, "1 day ago"),
            (10 * 24 * 60 * minute, "10 days ago"),
        ] {
            assert_eq!(ago(NOW, NOW - millis), words, "{millis}");
        }
        assert_eq!(ago(i64::MAX, i64::MIN).split(' ').next_back(), Some("ago"));
    }

    /// S1-18: a card says why a plan stops the sync, that nothing is lost, and what to do.
    #[test]
    fn a_plan_has_its_words() {
        for code in ["plan_records", "plan_payment", "plan_connections"] {
            let words = explain(code, "Clio");
            assert!(words.message.contains("paused"), "{code}");
            assert!(!words.action.contains("Quote"), "{code}");
        }
        assert!(
            explain("plan_records", "Clio")
                .message
                .contains("Nothing is lost")
        );
    }

    /// S0-101 to S0-103: an expired token, missing properties and a rate limit have their advice, on either side.
    #[test]
    fn reasons_have_their_advice() {
        let advice = |code| explain(code, "Clio").action;
        assert!(advice("provider_token_expired").contains("Reconnect Clio"));
        assert!(advice("hubspot_token_expired").contains("Install"));
        assert!(advice("missing_property").contains("Re-authorize with the updated scopes"));
        assert!(advice("hubspot_missing_scope").contains("Re-authorize"));
        for limited in ["hubspot_limited", "provider_limited", "rate_limited"] {
            assert!(advice(limited).contains("next scheduled sync"), "{limited}");
        }
        assert!(
            explain("hubspot_limited", "Clio")
                .message
                .starts_with("HubSpot")
        );
        assert!(
            explain("provider_limited", "Clio")
                .message
                .starts_with("Clio")
        );
    }

    /// S0-106: what nobody foresaw leads to support, with its hours; and shows a bare word alone.
    #[test]
    fn what_is_not_known_leads_to_support() {
        let words = explain("Nobody's <word>", "Clio");
        assert!(words.action.contains("9am to 6pm ET"));
        assert!(words.action.contains("obodysword"), "{}", words.action);
    }
}
