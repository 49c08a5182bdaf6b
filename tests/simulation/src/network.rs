//! From an outgoing request to the fakes' endpoints, on time or not at all.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::{Value, json};
use sync300_kit::ports::{HttpError, HttpRequest, HttpResponse};

use crate::world::World;

impl World {
    /// Hands a request to the service whose host it names.
    pub fn deliver(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let hubspot = request.url.strip_prefix(&self.hubspot.url());
        let clio = request.url.strip_prefix(&self.clio.url());
        let Some(target) = hubspot.or(clio) else {
            self.violation("a request to a host that is none of ours".to_owned());
            return Err(HttpError::Forbidden);
        };
        let target = match clio {
            Some(_) => self.shorter_page(target),
            None => target.to_owned(),
        };
        let host = request.url.split('/').nth(2).unwrap_or_default();
        let mut built = http::Request::builder()
            .method(request.method)
            .uri(&target)
            .header("host", host);
        for (name, value) in &request.headers {
            built = built.header(name, value);
        }
        let built = built
            .body(request.body.clone())
            .map_err(|_| HttpError::BadRequest)?;
        let answer = if hubspot.is_some() {
            at_once(self.hubspot.answer(built))
        } else {
            at_once(self.clio.answer(built))
        };
        let Some(answer) = answer.flatten() else {
            self.violation("a fake did not answer at once".to_owned());
            return Err(HttpError::Network);
        };
        let status = answer.status().as_u16();
        self.note(|| format!("   {} {target} {status}", request.method));
        let (parts, body) = answer.into_parts();
        let headers = parts.headers.iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(HttpResponse {
            status,
            headers: headers.collect(),
            body,
        })
    }

    /// A list may give fewer records a page than it is asked for. What is asked for by ids comes whole.
    fn shorter_page(&self, target: &str) -> String {
        if target.contains("ids") {
            return target.to_owned();
        }
        target.replace("limit=200", &format!("limit={}", self.shape.page))
    }

    /// Delivers a batch write without one of its inputs, which is refused. None where it is no batch write.
    pub fn deliver_partly(
        &self,
        request: &HttpRequest,
        which: usize,
    ) -> Option<Result<HttpResponse, HttpError>> {
        let writes = ["/batch/upsert", "/batch/update", "/batch/create"];
        if !request.url.contains("/crm/objects/")
            || !writes.iter().any(|path| request.url.ends_with(path))
        {
            return None;
        }
        let mut body: Value = serde_json::from_slice(&request.body).ok()?;
        let inputs = body.get_mut("inputs")?.as_array_mut()?;
        let refused = inputs.remove(which.checked_rem(inputs.len())?);
        let rest = !inputs.is_empty();
        let entry = json!({
            "status": "error",
            "category": "INTERNAL_ERROR",
            "message": "internal error",
            "context": { "objectWriteTraceId": [refused.get("objectWriteTraceId")?] },
            "errors": [],
            "links": {},
        });
        let mut answer = HttpResponse {
            status: 207,
            headers: Vec::new(),
            body: br#"{"status":"COMPLETE","results":[]}"#.to_vec(),
        };
        if rest {
            let shorter = HttpRequest {
                body: body.to_string().into_bytes(),
                ..request.clone()
            };
            answer = match self.deliver(&shorter) {
                Ok(answer) if (200..300).contains(&answer.status) => answer,
                refused => return Some(refused),
            };
        }
        let mut page: Value = serde_json::from_slice(&answer.body).ok()?;
        let page_fields = page.as_object_mut()?;
        let errors = page_fields.entry("errors").or_insert_with(|| json!([]));
        errors.as_array_mut()?.push(entry);
        let count = errors.as_array()?.len();
        page_fields.insert("numErrors".to_owned(), count.into());
        answer.status = 207;
        answer.body = page.to_string().into_bytes();
        Some(Ok(answer))
    }

    /// What a service answers that is out of order.
    pub fn outage(&self, request: &HttpRequest, status: u16) -> HttpResponse {
        let hubspot = request.url.starts_with(&self.hubspot.url());
        let mut headers = Vec::new();
        let body = match (hubspot, status) {
            (true, 429) => json!({
                "status": "error",
                "message": "You have reached your ten_secondly_rolling limit.",
                "errorType": "RATE_LIMIT",
                "policyName": "TEN_SECONDLY_ROLLING",
                "groupName": "publicapi:app:portal",
            })
            .to_string(),
            (true, 477) => {
                headers.push(("retry-after".to_owned(), "90".to_owned()));
                "{}".to_owned()
            }
            (false, 429) => {
                headers.push(("retry-after".to_owned(), "20".to_owned()));
                json!({ "error": { "type": "RateLimited", "message": "Too many requests" } })
                    .to_string()
            }
            _ => "<html>no</html>".to_owned(),
        };
        // Locks and migrations are HubSpot's alone.
        let status = match (hubspot, status) {
            (false, 423 | 477) => 503,
            (_, status) => status,
        };
        HttpResponse {
            status,
            headers,
            body: body.into_bytes(),
        }
    }
}

/// The result of a future that waits for nothing; None where it does.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
