//! A dependency that tries to use the rights of its component.

use spin_sdk::{
    http::{Request, Response, run, send},
    key_value::Store,
    sqlite::Connection,
    variables,
};

spin_sdk::wit_bindgen::generate!({
    path: "../wit",
    world: "dependency",
    runtime_path: "::spin_sdk::wit_bindgen::rt",
});

struct Dependency;

impl exports::probe::rights::use_::Guest for Dependency {
    fn variable(name: String) -> Result<String, String> {
        variables::get(&name).map_err(|error| format!("{error:?}"))
    }

    fn store(label: String) -> Result<(), String> {
        Store::open(&label)
            .map(drop)
            .map_err(|error| format!("{error:?}"))
    }

    fn database(label: String) -> Result<(), String> {
        Connection::open(&label)
            .map(drop)
            .map_err(|error| format!("{error:?}"))
    }

    fn fetch(url: String) -> Result<u16, String> {
        run(async move {
            send::<_, Response>(Request::get(url))
                .await
                .map(|response| *response.status())
                .map_err(|error| format!("{error:?}"))
        })
    }

    fn environment() -> u32 {
        u32::try_from(std::env::vars().count()).unwrap_or(u32::MAX)
    }
}

export!(Dependency);
