//! A component that does what its request's path says, and tells how that ended: 200 and what
//! came of it, or 400 and the error.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use spin_sdk::{
    http::{Request, Response, send},
    http_component,
    key_value::Store,
    sqlite::Connection,
    variables,
};

use probe::rights::use_ as dependency;

spin_sdk::wit_bindgen::generate!({
    path: "../wit",
    world: "probe",
    runtime_path: "::spin_sdk::wit_bindgen::rt",
});

/// Requests that this instance has seen.
static REQUESTS: AtomicU32 = AtomicU32::new(0);

#[http_component]
async fn handle(request: Request) -> Response {
    let (status, body) = match act(&request).await {
        Ok(body) => (200, body),
        Err(error) => (400, error),
    };
    Response::new(status, body)
}

/// The last segment of the path says what to do, the body with what.
async fn act(request: &Request) -> Result<String, String> {
    let argument = String::from_utf8_lossy(request.body()).into_owned();
    let action = request.path().rsplit('/').next().unwrap_or_default();
    match action {
        "headers" => Ok(request
            .headers()
            .map(|(name, value)| format!("{name}: {}\n", value.as_str().unwrap_or_default()))
            .collect()),
        "echo" => Ok(argument),
        "count" => Ok((REQUESTS.fetch_add(1, Ordering::Relaxed) + 1).to_string()),
        "environment" => Ok(std::env::vars()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect()),
        "print" => {
            println!("out {argument}");
            eprintln!("err {argument}");
            Ok(String::new())
        }
        "panic" => panic!("as asked"),
        "spin" => loop {
            std::hint::black_box(0);
        },
        "sleep" => {
            thread::sleep(Duration::from_millis(number(&argument)?));
            Ok(String::new())
        }
        "allocate" => {
            let mebibytes = usize::try_from(number(&argument)?).map_err(told)?;
            let block = std::hint::black_box(vec![1_u8; mebibytes << 20]);
            Ok(block.len().to_string())
        }
        "variable" => variables::get(&argument).map_err(told),
        "fetch" => fetch(&argument).await,
        "key-value" => key_value(&argument),
        "sql" => sql(&argument),
        "dependency-variable" => dependency::variable(&argument),
        "dependency-store" => dependency::store(&argument).map(|()| String::new()),
        "dependency-database" => dependency::database(&argument).map(|()| String::new()),
        "dependency-fetch" => dependency::fetch(&argument).map(|status| status.to_string()),
        "dependency-environment" => Ok(dependency::environment().to_string()),
        _ => Err(format!("unknown action {action:?}")),
    }
}

async fn fetch(url: &str) -> Result<String, String> {
    let response: Response = send(Request::get(url)).await.map_err(told)?;
    let body = String::from_utf8_lossy(response.body());
    Ok(format!("{} {body}", response.status()))
}

/// `label`, then a line for each operation: `set key value`, `get key`, `delete key`, `keys`.
fn key_value(script: &str) -> Result<String, String> {
    let mut lines = script.lines();
    let store = Store::open(lines.next().unwrap_or_default()).map_err(told)?;
    let mut answer = String::new();
    for line in lines {
        let words: Vec<&str> = line.splitn(3, ' ').collect();
        match words[..] {
            ["set", key, value] => store.set(key, value.as_bytes()).map_err(told)?,
            ["get", key] => {
                let value = store.get(key).map_err(told)?;
                answer += &match value {
                    Some(value) => String::from_utf8_lossy(&value).into_owned(),
                    None => "none".to_owned(),
                };
                answer += &format!(" {}\n", store.exists(key).map_err(told)?);
            }
            ["delete", key] => store.delete(key).map_err(told)?,
            ["keys"] => answer += &format!("{:?}\n", store.get_keys().map_err(told)?),
            _ => return Err(format!("unknown operation {line:?}")),
        }
    }
    Ok(answer)
}

/// `label`, then a line for each statement.
fn sql(script: &str) -> Result<String, String> {
    let mut lines = script.lines();
    let connection = Connection::open(lines.next().unwrap_or_default()).map_err(told)?;
    let mut answer = String::new();
    for statement in lines {
        let result = connection.execute(statement, &[]).map_err(told)?;
        for row in &result.rows {
            answer += &format!("{:?} {:?}\n", result.columns, row.values);
        }
    }
    Ok(answer)
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(told)
}

fn told(error: impl Debug) -> String {
    format!("{error:?}")
}
