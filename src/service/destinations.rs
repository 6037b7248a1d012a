//! Where codes go: what a person typed, what the host knows, and what the operator lets messages be sent to.

use super::Service;
use super::caller::BridgeCaller;
use super::error::MfaError;
use crate::domain::destination::{Destination, EmailAddress, InvalidDestination, PhoneNumber};
use crate::domain::factor::Method;
use crate::domain::sms_limits::Country;
use crate::store::authenticators::Authenticator;
use crate::store::users::{Profile, User};

/// Where a person wants codes to be sent.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// To what the host knows of the user.
    Known,
    /// There.
    Typed(Destination),
}

impl Service {
    /// Reads a destination that a person typed; `country` is that of a phone number in national form.
    pub fn parse_destination(
        &self,
        method: Method,
        destination: Option<&str>,
        country: Option<&str>,
    ) -> Result<Wanted, MfaError> {
        if destination.is_some() && !method.is_out_of_band() {
            return Err(MfaError::invalid("destination", "is not for this method"));
        }
        if country.is_some() && (method != Method::Sms || destination.is_none()) {
            return Err(MfaError::invalid("country", "is for the number in 'destination' only"));
        }
        let Some(text) = destination else { return Ok(Wanted::Known) };
        // Blanks around it come from copying; a line end does not get here by a form field.
        let destination = parse(method, text.trim_matches(' '), country)
            .and_then(|to| if self.reaches(&to) { Ok(to) } else { Err(InvalidDestination::Country) });
        destination.map(Wanted::Typed).map_err(|error| MfaError::invalid("destination", error.to_string()))
    }

    /// Whether the operator lets messages be sent there: asked of every code, since the list can be narrowed after
    /// somebody has enrolled.
    pub(super) fn reaches(&self, destination: &Destination) -> bool {
        match destination {
            Destination::Email(_) => true,
            Destination::Phone(number) => self.0.settings.sms_limits.allow(number),
        }
    }

    /// What the host knows of a user that codes could be sent to by this method.
    pub(super) fn known_destination(&self, profile: &Profile, method: Method) -> Option<Destination> {
        let text = match method {
            Method::Email => profile.email.as_deref(),
            Method::Sms => profile.phone.as_deref(),
            Method::Totp | Method::Webauthn => None,
        };
        parse(method, text?.trim(), None).ok().filter(|to| self.reaches(to))
    }

    /// The destination that a new authenticator is enrolled with.
    pub(super) fn wanted_destination(
        &self,
        wanted: &Wanted,
        profile: &Profile,
        method: Method,
    ) -> Result<Destination, MfaError> {
        match wanted {
            Wanted::Typed(destination) => Ok(destination.clone()),
            Wanted::Known => self.known_destination(profile, method).ok_or_else(|| {
                MfaError::invalid("destination", "is needed: the host named none that can be used")
            }),
        }
    }

    /// What the host knows of a user that these methods could send codes to, masked.
    pub(super) fn known_destinations(&self, profile: &Profile, methods: &[Method]) -> Vec<(Method, String)> {
        let known = |method: &Method| Some((*method, self.known_destination(profile, *method)?.masked()));
        methods.iter().filter_map(known).collect()
    }

    /// Refuses to enrol a destination that one of the user's authenticators has. One that does not open is no reason to
    /// refuse.
    pub(super) fn check_new(
        &self,
        user: &User,
        present: &[Authenticator],
        destination: Option<&Destination>,
    ) -> Result<(), MfaError> {
        let Some(to) = destination else { return Ok(()) };
        let is_it = |row: &Authenticator| {
            let state = self.open_authenticator(user, row);
            state.is_ok_and(|state| state.destination().is_some_and(|own| own.mailbox() == to.mailbox()))
        };
        if present.iter().filter(|row| row.method == to.method()).any(is_it) {
            return Err(MfaError::invalid("destination", "is enrolled already"));
        }
        Ok(())
    }

    /// The countries that text messages can be sent to.
    pub fn sms_countries(&self, _by: &BridgeCaller) -> Vec<Country> {
        if self.offers(Method::Sms) { self.0.settings.sms_limits.countries() } else { Vec::new() }
    }
}

fn parse(method: Method, text: &str, country: Option<&str>) -> Result<Destination, InvalidDestination> {
    match method {
        Method::Sms => PhoneNumber::parse(text, country).map(Destination::Phone),
        Method::Email | Method::Totp | Method::Webauthn => EmailAddress::parse(text).map(Destination::Email),
    }
}
