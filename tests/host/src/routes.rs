//! Which component answers a path, and what it is told about the match.

use std::collections::BTreeMap;

use routefinder::Router as Finder;

use crate::manifest::{HttpTrigger, Route};

/// Below this path Spin itself answers.
pub const WELL_KNOWN: &str = "/.well-known/spin/";
/// End of a route that stands for everything below it.
const WILDCARD: &str = "/...";

/// Why the routes of an application are refused.
#[derive(Debug, thiserror::Error)]
pub enum RouteError {
    /// A route is not a pattern.
    #[error("component {component:?}: route {route:?} is malformed: {reason}")]
    Malformed {
        /// The component.
        component: String,
        /// The route as the manifest has it.
        route: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Spin says so in its log and never calls the first component.
    #[error("route {route:?} belongs to both {first:?} and {second:?}")]
    Duplicate {
        /// The route.
        route: String,
        /// The component that would never be called.
        first: String,
        /// The component that would answer.
        second: String,
    },
    /// Spin says so in its log and never calls the component.
    #[error("component {component:?}: routes below {WELL_KNOWN} are Spin's own")]
    Reserved {
        /// The component that would never be called.
        component: String,
    },
}

/// The public routes of an application.
#[derive(Debug)]
pub struct Router(Finder<Target>);

#[derive(Debug)]
struct Target {
    component: String,
    raw_route: String,
    based_route: String,
}

/// A path's component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch {
    /// Id of the component.
    pub component: String,
    /// The route as the manifest has it.
    pub raw_route: String,
    /// The route without a slash at its end.
    pub based_route: String,
    /// What stands in place of the wildcard, from its slash on.
    pub path_info: String,
    /// Values of `:name` segments.
    pub captures: Vec<(String, String)>,
}

impl Router {
    /// Builds the router of the public routes.
    ///
    /// # Errors
    /// Where a route is malformed, or can never be reached: Spin only warns there.
    pub fn new(triggers: &[HttpTrigger]) -> Result<Self, RouteError> {
        let mut finder = Finder::new();
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for trigger in triggers {
            let Route::Pattern(raw_route) = &trigger.route else {
                continue;
            };
            let component = trigger.component.as_str();
            let based_route = based(raw_route);
            if based_route.starts_with(WELL_KNOWN) {
                return Err(RouteError::Reserved {
                    component: component.to_owned(),
                });
            }
            if let Some(first) = owners.insert(based_route.clone(), component) {
                return Err(RouteError::Duplicate {
                    route: raw_route.clone(),
                    first: first.to_owned(),
                    second: component.to_owned(),
                });
            }
            let malformed = |reason| RouteError::Malformed {
                component: component.to_owned(),
                route: raw_route.clone(),
                reason,
            };
            let spec = match based_route.strip_suffix(WILDCARD) {
                Some(prefix) => format!("{prefix}/*"),
                None => based_route.clone(),
            };
            let target = Target {
                component: component.to_owned(),
                raw_route: raw_route.clone(),
                based_route,
            };
            finder.add(spec, target).map_err(malformed)?;
        }
        Ok(Self(finder))
    }

    /// The component that answers `path`: an exact route before a wildcard, a longer wildcard
    /// before a shorter one.
    #[must_use]
    pub fn route(&self, path: &str) -> Option<RouteMatch> {
        let found = self.0.best_match(path)?;
        let target = found.handler();
        let captures = found.captures();
        Some(RouteMatch {
            component: target.component.clone(),
            raw_route: target.raw_route.clone(),
            based_route: target.based_route.clone(),
            path_info: captures
                .wildcard()
                .map(|rest| path_info(rest, path.ends_with('/')))
                .unwrap_or_default(),
            captures: captures
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }

    /// The routes and their components.
    pub fn routes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(_, target)| (target.raw_route.as_str(), target.component.as_str()))
    }
}

impl RouteMatch {
    /// What a component is told that another one calls.
    #[must_use]
    pub fn chained(component: &str, path: &str) -> Self {
        Self {
            component: component.to_owned(),
            raw_route: WILDCARD.to_owned(),
            based_route: WILDCARD.to_owned(),
            path_info: path.to_owned(),
            captures: Vec::new(),
        }
    }

    /// The route as the manifest has it, without its wildcard.
    #[must_use]
    pub fn route_or_prefix(&self) -> &str {
        self.raw_route
            .strip_suffix(WILDCARD)
            .unwrap_or(&self.raw_route)
    }
}

fn based(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.is_empty() || route.starts_with('/') {
        route.to_owned()
    } else {
        format!("/{route}")
    }
}

/// The router drops the slashes around a wildcard's value, Spin hands them on.
fn path_info(rest: &str, trailing_slash: bool) -> String {
    match (rest, trailing_slash) {
        ("", false) => String::new(),
        ("", true) => "/".to_owned(),
        (rest, false) => format!("/{rest}"),
        (rest, true) => format!("/{rest}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;

    fn router(routes: &[(&str, &str)]) -> Result<Router, RouteError> {
        let mut manifest = "spin_manifest_version = 2\n[application]\nname = \"a\"\n".to_owned();
        for (component, route) in routes {
            manifest += &format!(
                "[[trigger.http]]\ncomponent = \"{component}\"\nroute = {route}\n\
                 [component.{component}]\nsource = \"x\"\n"
            );
        }
        Router::new(&Manifest::parse(&manifest).unwrap().trigger.http)
    }

    fn component(router: &Router, path: &str) -> Option<String> {
        router.route(path).map(|found| found.component)
    }

    #[test]
    fn exact_beats_wildcard_and_longer_beats_shorter_in_any_order() {
        let routes = [
            ("all", "\"/...\""),
            ("one", "\"/one\""),
            ("below-one", "\"/one/...\""),
            ("two", "\"/one/two/\""),
        ];
        let reversed: Vec<_> = routes.iter().rev().copied().collect();
        for routes in [&routes[..], &reversed] {
            let router = router(routes).unwrap();
            for (path, expected) in [
                ("/", "all"),
                ("/other/path", "all"),
                ("/one", "one"),
                ("/one/", "one"),
                ("/one/two", "two"),
                ("/one/two/", "two"),
                ("/one/two/three", "below-one"),
            ] {
                assert_eq!(
                    component(&router, path).as_deref(),
                    Some(expected),
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn what_no_route_names_and_private_routes_are_not_found() {
        let router = router(&[
            ("exact", "\"/exact\""),
            ("below", "\"/below/...\""),
            ("hidden", "{ private = true }"),
        ])
        .unwrap();
        for path in ["/", "/exact/more", "/exac", "/belowx", "/hidden"] {
            assert_eq!(component(&router, path), None, "{path}");
        }
        assert_eq!(component(&router, "/below").as_deref(), Some("below"));
        assert_eq!(router.routes().count(), 2);
    }

    #[test]
    fn the_wildcard_keeps_its_slashes() {
        let router = router(&[("a", "\"/a/...\""), ("b", "\"/b/:id\"")]).unwrap();
        for (path, expected) in [
            ("/a", ""),
            ("/a/", "/"),
            ("/a/b", "/b"),
            ("/a/b/", "/b/"),
            ("/a/b/c", "/b/c"),
        ] {
            assert_eq!(router.route(path).unwrap().path_info, expected, "{path}");
        }
        let named = router.route("/b/7").unwrap();
        assert_eq!(named.captures, [("id".to_owned(), "7".to_owned())]);
        assert_eq!(named.path_info, "");
    }

    #[test]
    fn a_match_tells_the_route_in_three_forms() {
        let router = router(&[("a", "\"a/...\"")]).unwrap();
        let found = router.route("/a/x").unwrap();
        assert_eq!(found.raw_route, "a/...");
        assert_eq!(found.based_route, "/a/...");
        assert_eq!(found.route_or_prefix(), "a");
        let chained = RouteMatch::chained("a", "/x");
        assert_eq!(chained.route_or_prefix(), "");
        assert_eq!(chained.path_info, "/x");
    }

    #[test]
    fn routes_that_could_never_be_reached_are_refused() {
        assert!(matches!(
            router(&[("a", "\"/x\""), ("b", "\"/x/\"")]),
            Err(RouteError::Duplicate { first, second, .. }) if first == "a" && second == "b"
        ));
        assert!(matches!(
            router(&[("a", "\"/.well-known/spin/health\"")]),
            Err(RouteError::Reserved { component }) if component == "a"
        ));
        for malformed in ["\"/:/x\"", "\"/*rest\""] {
            assert!(matches!(
                router(&[("a", malformed)]),
                Err(RouteError::Malformed { .. })
            ));
        }
    }
}
