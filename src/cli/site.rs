//! `site add|list`.

use super::{Failure, column, time_column};
use crate::domain::id::SiteName;
use crate::service::Service;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a site
    Add {
        /// Its name on the command line
        name: String,
        /// What authenticator apps show; the name if not given
        #[arg(long)]
        issuer: Option<String>,
    },
    /// List the sites
    List,
}

pub(super) async fn run(service: &Service, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add { name, issuer } => {
            let issuer = issuer.unwrap_or_else(|| name.clone());
            if issuer.trim().is_empty() || issuer.chars().count() > 255 || issuer.contains(char::is_control) {
                return Err(Failure::Said("issuer: must be 1 to 255 characters without line breaks".into()));
            }
            let parsed = SiteName::parse(&name).map_err(|error| Failure::Said(format!("name: {error}")))?;
            let added = service.add_site(parsed, issuer).await?;
            added.ok_or_else(|| Failure::Said(format!("there is a site {name:?} already")))?;
            println!("Added.");
        }
        Command::List => {
            println!("name\tissuer\tcreated");
            for site in service.list_sites().await? {
                let created = time_column(site.created_at);
                println!("{}\t{}\t{created}", column(site.name.as_str()), column(&site.issuer));
            }
        }
    }
    Ok(())
}
