//! `policy show|set`: break-glass for an administrator with a shell.

use super::{Failure, SiteArg, admin_of, print_json};
use crate::domain::factor::Method;
use crate::domain::id::RoleName;
use crate::domain::policy::{MfaPolicy, Mode};
use crate::http::policy::StoredPolicyBody;
use crate::service::Service;
use clap::Subcommand;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Print the policy
    Show {
        #[command(flatten)]
        site: SiteArg,
    },
    /// Change the named members of the policy, and print it
    Set {
        /// disabled, optional or required
        #[arg(long, value_parser = parse_mode)]
        mode: Option<Mode>,
        /// What satisfies the policy; repeat for several
        #[arg(long = "method", value_parser = parse_method)]
        methods: Vec<Method>,
        /// Days in which enrolment can be put off
        #[arg(long, value_parser = clap::value_parser!(u16).range(0..=365))]
        grace_period_days: Option<u16>,
        /// Days for which a browser may be trusted
        #[arg(long, value_parser = clap::value_parser!(u16).range(0..=365))]
        trusted_device_days: Option<u16>,
        /// A role whose holders must enrol; repeat for several, give "" for none
        #[arg(long = "required-role")]
        required_roles: Vec<String>,
        /// A role whose holders need not enrol; repeat for several, give "" for none
        #[arg(long = "exempt-role")]
        exempt_roles: Vec<String>,
        /// Whether users may manage their own authenticators
        #[arg(long)]
        self_service: Option<bool>,
        /// Whether imported secrets that are weak are replaced at the next login
        #[arg(long)]
        replace_weak_secrets: Option<bool>,
        #[command(flatten)]
        site: SiteArg,
    },
}

fn parse_mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| "must be disabled, optional or required".into())
}

fn parse_method(text: &str) -> Result<Method, String> {
    Method::parse(text).ok_or_else(|| "must be totp, email, sms or webauthn".into())
}

/// Not named: `None`. Named as empty: no roles.
fn parse_roles(flag: &str, names: Vec<String>) -> Result<Option<Vec<RoleName>>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let given = names.into_iter().filter(|name| !name.is_empty()).map(RoleName::parse);
    let roles = given.collect::<Result<Vec<_>, _>>();
    roles.map(Some).map_err(|error| Failure::Said(format!("{flag}: {error}")))
}

pub(super) async fn run(service: &Service, command: Command) -> Result<(), Failure> {
    match command {
        Command::Show { site } => {
            let by = admin_of(service, &site).await?;
            print_json(&StoredPolicyBody::from(service.policy(&by.into()).await?))
        }
        Command::Set {
            mode,
            mut methods,
            grace_period_days,
            trusted_device_days,
            required_roles,
            exempt_roles,
            self_service,
            replace_weak_secrets,
            site,
        } => {
            let by = admin_of(service, &site).await?;
            methods.sort();
            methods.dedup();
            let required_roles = parse_roles("required-role", required_roles)?;
            let exempt_roles = parse_roles("exempt-role", exempt_roles)?;
            let change = move |present: &MfaPolicy| {
                let present = present.clone();
                Ok(MfaPolicy {
                    mode: mode.unwrap_or(present.mode),
                    methods: if methods.is_empty() { present.methods } else { methods.clone() },
                    grace_period_days: grace_period_days.unwrap_or(present.grace_period_days),
                    trusted_device_days: trusted_device_days.unwrap_or(present.trusted_device_days),
                    required_roles: required_roles.clone().unwrap_or(present.required_roles),
                    exempt_roles: exempt_roles.clone().unwrap_or(present.exempt_roles),
                    self_service: self_service.unwrap_or(present.self_service),
                    replace_weak_secrets: replace_weak_secrets.unwrap_or(present.replace_weak_secrets),
                })
            };
            print_json(&StoredPolicyBody::from(service.change_policy(&by, None, change).await?))
        }
    }
}
