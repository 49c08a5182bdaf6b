//! `cargo run`: the whole platform on one machine, its main job done and visible.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use sync300_fakes::data::{DataConfig, Drift};
use sync300_fakes::stripe::Disorder;
use sync300_host::{LogSink, build};
use sync300_sandbox::platform::{self, Slice};
use sync300_sandbox::{
    Platform, PlatformConfig, check, clio_pages, hubspot_pages, index_page, report,
};

/// Runs the whole platform on this machine: the application on an embedded host, a HubSpot and a Clio with data in them,
/// and a Stripe. Syncs twice, prints what happened, and keeps serving.
#[derive(Debug, Parser)]
#[command(name = "sync300")]
struct Arguments {
    /// End after the tables; exit 0 only if every record that can arrive has arrived
    #[arg(long)]
    once: bool,
    /// People in Clio
    #[arg(long, default_value_t = 1_200)]
    people: usize,
    /// Companies in Clio
    #[arg(long, default_value_t = 150)]
    companies: usize,
    /// Matters in Clio
    #[arg(long, default_value_t = 400)]
    matters: usize,
    /// Tasks in Clio
    #[arg(long, default_value_t = 900)]
    tasks: usize,
    /// The same seed gives the same data
    #[arg(long, default_value_t = 300)]
    seed: u64,
    /// Port on loopback
    #[arg(long, default_value_t = 3_000)]
    port: u16,
    /// Milliseconds that every call to HubSpot and Clio takes
    #[arg(long, default_value_t = 0)]
    latency: u64,
    /// Show what the components log
    #[arg(long)]
    logs: bool,
}

/// How many ticks a run may take.
const TICKS: usize = 2_000;
/// How often a few records change while the platform keeps serving.
const DRIFT: Duration = Duration::from_secs(60);
/// How often the sync is woken while the platform keeps serving, so that "Sync now" is seen to work.
const TICK: Duration = Duration::from_secs(1);
/// How often Stripe looks for what it has to send.
const WEBHOOKS: Duration = Duration::from_secs(1);
/// Bodies past this size are refused, as by Spin's smallest hosts.
const MAX_BODY: usize = 10 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments = Arguments::parse();
    // First of all, so that browsers can be told where to come back to.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    // By name: browsers take `__Host-` cookies from localhost without TLS, but not from every address of it.
    let address = format!("http://localhost:{}", listener.local_addr()?.port());
    println!("Building the components (some minutes the first time) …");
    let platform = Platform::start(PlatformConfig {
        data: Some(DataConfig {
            seed: arguments.seed,
            people: arguments.people,
            companies: arguments.companies,
            matters: arguments.matters,
            tasks: arguments.tasks,
        }),
        latency: Duration::from_millis(arguments.latency),
        logs: if arguments.logs {
            LogSink::default()
        } else {
            LogSink::new(|_| {})
        },
        billing: true,
        public_url: address,
        ..PlatformConfig::default()
    })
    .await?;
    println!("Installed in HubSpot and connected to Clio, through the application's own pages.");
    // More records than Free has in a month. Installing again signs in, and changes nothing else.
    let mut browser = platform.browser()?;
    let portal = platform.portal()?.id();
    platform
        .install(&mut browser, portal, platform::ADMIN)
        .await?;
    platform
        .subscribe(&mut browser, "Professional, monthly")
        .await?;
    println!("Subscribed to Professional at Stripe.");

    println!("\nFirst run: everything in Clio arrives in HubSpot, once.\n");
    let first = run(&platform, &arguments).await?;
    println!("\nSecond run: nothing changed, so nothing is written.\n");
    platform.request_sync()?;
    let second = run(&platform, &arguments).await?;

    let mut problems = check::problems(&platform.expectation, &platform.portal()?);
    for (name, slice) in [("first", &first), ("second", &second)] {
        if slice.status != "succeeded" {
            let reason = slice.reason.as_deref().unwrap_or("unknown");
            let list = slice.reason_object.as_deref().unwrap_or("the connection");
            problems.push(format!("the {name} run failed at {list}: {reason}"));
        }
    }
    match problems.as_slice() {
        [] => println!(
            "Every record that can arrive has arrived, once, and is associated as in Clio."
        ),
        problems => problems
            .iter()
            .for_each(|problem| println!("Not as it must be: {problem}")),
    }
    if arguments.once {
        return Ok(if problems.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    serve(platform, listener, &arguments).await?;
    Ok(ExitCode::SUCCESS)
}

/// One run with a progress bar, and its table.
async fn run(platform: &Platform, arguments: &Arguments) -> Result<Slice, Box<dyn Error>> {
    platform.hubspot.calls().reset();
    platform.clio.calls().reset();
    let bar = ProgressBar::new(
        (arguments.people + arguments.companies + arguments.matters + arguments.tasks) as u64,
    );
    bar.set_style(ProgressStyle::with_template(
        "{elapsed} {bar:40} {pos} of {len} records read",
    )?);
    let begun = Instant::now();
    let last = {
        let run = platform.run(TICKS);
        tokio::pin!(run);
        loop {
            tokio::select! {
                last = &mut run => break last?,
                () = tokio::time::sleep(Duration::from_millis(100)) => bar.set_position(records_read(platform)),
            }
        }
    };
    let time = begun.elapsed();
    bar.finish_and_clear();
    let counts = last
        .run
        .map(|run| platform.counts(run))
        .transpose()?
        .unwrap_or_default();
    print!(
        "{}",
        report::table(
            &counts,
            &platform.hubspot.calls().list(),
            &platform.clio.calls().list(),
            time
        )
    );
    Ok(last)
}

/// Records read so far, going by the calls that Clio answered: a look inside that costs the run nothing.
fn records_read(platform: &Platform) -> u64 {
    let pages = platform
        .clio
        .calls()
        .count(|call| !call.path.ends_with("/relationships.json"));
    pages as u64 * 200
}

async fn serve(
    platform: Platform,
    listener: tokio::net::TcpListener,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let address = platform.public_url().to_owned();
    let platform = Arc::new(platform);
    println!("\nBuilding the pages inside HubSpot …");
    let pages = hubspot_pages::router(Arc::clone(&platform), build::repository())?;
    println!(
        "Records with their cards, settings, history and workflow actions, as HubSpot shows them: {address}/hubspot"
    );
    println!("The same records in Clio, to be edited at that end: {address}/clio");
    println!("Serving on {address} until Ctrl-C; a few records change in Clio every minute.");
    tokio::spawn(drift(Arc::clone(&platform), arguments.seed));
    tokio::spawn(ticks(Arc::clone(&platform)));
    tokio::spawn(webhooks(Arc::clone(&platform)));
    let page = {
        let platform = Arc::clone(&platform);
        move || async move {
            match index_page::page(&platform, &address) {
                Ok(page) => Html(page).into_response(),
                Err(error) => {
                    (http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
                }
            }
        }
    };
    let router = Router::new()
        .route("/", get(page))
        .merge(pages)
        .merge(clio_pages::router(Arc::clone(&platform)))
        .fallback(move |request| pass(platform, request));
    axum::serve(listener, router)
        .with_graceful_shutdown(interrupted())
        .await?;
    Ok(())
}

async fn interrupted() {
    // Without the signal the process is ended from outside, which is as well.
    tokio::signal::ctrl_c().await.ok();
}

/// Everything but `/` is the application's.
async fn pass(platform: Arc<Platform>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, MAX_BODY).await {
        Ok(body) => platform
            .app
            .request(http::Request::from_parts(parts, body))
            .await
            .map(Body::from),
        Err(_) => http::StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

/// Stripe's webhooks, on their way while somebody buys, changes or ends a plan by hand.
async fn webhooks(platform: Arc<Platform>) {
    loop {
        tokio::time::sleep(WEBHOOKS).await;
        if let Err(error) = platform.webhooks(Disorder::default()).await {
            eprintln!("A webhook stumbled: {error}");
        }
    }
}

/// The timer that wakes the sync.
async fn ticks(platform: Arc<Platform>) {
    loop {
        tokio::time::sleep(TICK).await;
        match platform.tick().await {
            Ok(tick) => tick.slices.iter().for_each(|slice| {
                println!(
                    "Run {}: {} calls to HubSpot, {} to Clio",
                    slice.status, slice.hubspot_calls, slice.provider_calls
                );
            }),
            Err(error) => eprintln!("The platform stumbled: {error}"),
        }
    }
}

/// Clio's people at work; the next tick follows.
async fn drift(platform: Arc<Platform>, seed: u64) {
    let mut drift = Drift::new(seed);
    loop {
        tokio::time::sleep(DRIFT).await;
        if let Err(error) = change(&platform, &mut drift) {
            eprintln!("The platform stumbled: {error}");
        }
    }
}

fn change(platform: &Platform, drift: &mut Drift) -> Result<(), Box<dyn Error + Send + Sync>> {
    let account = platform.account()?;
    for _ in 0..3 {
        let change = drift.step(&account)?;
        println!(
            "Clio {} {}: {}",
            change.resource.plural(),
            change.id,
            change.what
        );
    }
    platform.request_sync()?;
    Ok(())
}
