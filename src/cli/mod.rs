//! The command line. Every command works while the service runs; what it changes is audited with the actor `cli`.

mod backup;
mod copy;
mod doctor;
mod import;
mod key;
mod master_key;
mod policy;
mod site;
mod user;

use crate::app;
use crate::config::{Config, ConfigError, Flags, WITHOUT_FLAG};
use crate::domain::id::SiteName;
use crate::http;
use crate::service::Service;
use crate::service::caller::AdminCaller;
use crate::service::clock::SystemClock;
use crate::service::error::MfaError;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::sync::Arc;

/// Multi-factor authentication beside the login of a CMS or CRM.
#[derive(Parser)]
#[command(name = "mfa-sidecar", version, max_term_width = 100, after_help = WITHOUT_FLAG)]
struct Cli {
    #[command(flatten)]
    settings: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until SIGTERM
    Serve,
    /// Bring the database to the newest form
    Migrate,
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Add and list sites
    #[command(subcommand)]
    Site(site::Command),
    /// Show and set a site's policy
    #[command(subcommand)]
    Policy(policy::Command),
    /// Show, reset and unlock a user, issue a one-time pass
    #[command(subcommand)]
    User(user::Command),
    /// Take over the TOTP secrets of another system
    Import(import::Args),
    /// Change the master key
    #[command(subcommand)]
    MasterKey(master_key::Command),
    /// Copy the embedded database to a file, while the service runs
    Backup(backup::Args),
    /// Copy all data to an empty database of any kind, while no service runs on either
    ///
    /// The master key stays the same. Can be ended at any time, and goes on when it is run again. In the end all rows
    /// of both are counted and compared. URLs may hold passwords, which other users of the machine can read on a
    /// command line: better give them as MFA_SIDECAR_COPY_FROM and MFA_SIDECAR_COPY_TO.
    Copy(copy::Args),
    /// Print the OpenAPI document
    Openapi,
    /// Check settings, files, database and master key
    Doctor,
}

/// Why a command failed: one line.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] app::StartError),
    #[error(transparent)]
    Mfa(#[from] MfaError),
    #[error("{0}")]
    Said(String),
    /// What is wrong is on stdout already.
    #[error("some checks failed")]
    ChecksFailed,
}

/// The site that a command is about.
#[derive(clap::Args)]
struct SiteArg {
    /// The site
    #[arg(long, default_value = crate::service::setup::DEFAULT_SITE)]
    site: String,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return say_usage(&error),
    };
    let result = actix_web::rt::System::new().block_on(run(cli));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("mfa-sidecar: {}", failure.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// Help and version as they are; what is wrong with a flag in one line.
fn say_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
    // Missing arguments are named in the lines that follow.
    let missing: Vec<_> = lines.take_while(|line| line.starts_with(['-', '<'])).collect();
    eprintln!("mfa-sidecar: {first}{}{}", if missing.is_empty() { "" } else { " " }, missing.join(" "));
    ExitCode::from(2)
}

async fn run(cli: Cli) -> Result<(), Failure> {
    if let Command::Openapi = cli.command {
        print!("{}", http::document_json());
        return Ok(());
    }
    if let Command::Copy(args) = cli.command {
        return copy::run(args);
    }
    let config = Config::load(&cli.settings)?;
    let clock = Arc::new(SystemClock);
    if let Command::Serve = cli.command {
        app::start_logging(&config.log, config.log_format);
        return Ok(app::serve(&config, clock).await?);
    }
    app::start_logging("warn", config.log_format);
    if let Command::Doctor = cli.command {
        return doctor::run(&config).await;
    }
    if let Command::Backup(args) = &cli.command {
        return backup::run(&config, args);
    }
    let service = app::open(&config, clock).await?;
    match cli.command {
        Command::Migrate => {
            println!("The database is up to date.");
            Ok(())
        }
        Command::Key(command) => key::run(&service, command).await,
        Command::Site(command) => site::run(&service, command).await,
        Command::Policy(command) => policy::run(&service, command).await,
        Command::User(command) => user::run(&service, command).await,
        Command::MasterKey(command) => master_key::run(&service, &config, command).await,
        Command::Import(args) => import::run(&service, args).await,
        Command::Serve | Command::Openapi | Command::Doctor | Command::Backup(_) | Command::Copy(_) => Ok(()),
    }
}

/// The authority of who has a shell on the machine, over the named site.
async fn admin_of(service: &Service, site: &SiteArg) -> Result<AdminCaller, Failure> {
    let name = SiteName::parse(&site.site).map_err(|error| Failure::Said(format!("site: {error}")))?;
    let found = service.find_site(name).await?;
    found.map(AdminCaller::cli).ok_or_else(|| Failure::Said(format!("there is no site {:?}", site.site)))
}

fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Said(error.to_string()))?;
    println!("{text}");
    Ok(())
}

/// A text in a column: without what would break the table.
fn column(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn time_column(at: crate::domain::time::Timestamp) -> String {
    jiff::Timestamp::from_second(at.seconds()).map(|time| time.to_string()).unwrap_or_default()
}
