//! The site's MFA policy, and what it asks of one login: the whole decision table.

use super::factor::Method;
use super::id::RoleName;
use super::login::{Purpose, Reason};
use super::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Whether a second factor is asked for at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Never.
    Disabled,
    /// Of users who have enrolled.
    Optional,
    /// Of everyone, or of the roles that are named; who has not enrolled is made to.
    Required,
}

impl Mode {
    /// The name in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Disabled, Self::Optional, Self::Required].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// What a site's administrator has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaPolicy {
    /// Whether a second factor is asked for.
    pub mode: Mode,
    /// The methods that satisfy the policy. Never empty, no duplicates.
    pub methods: Vec<Method>,
    /// Days in which a user who must enrol may still skip it; 0 to 365.
    pub grace_period_days: u16,
    /// Days for which a browser may be trusted; 0 (never) to 365.
    pub trusted_device_days: u16,
    /// With roles here, only their holders must enrol.
    pub required_roles: Vec<RoleName>,
    /// Holders need not enrol, unless they also hold a required role.
    pub exempt_roles: Vec<RoleName>,
    /// Whether users may manage their own authenticators.
    pub self_service: bool,
    /// Whether weak secrets (some that were imported) are replaced: a login by one, or of a user with nothing better,
    /// ends in a new enrolment.
    pub replace_weak_secrets: bool,
}

impl MfaPolicy {
    /// The longest grace period and device trust, in days.
    pub const MAX_DAYS: u16 = 365;

    /// A policy with everything but mode and methods at its default.
    pub fn new(mode: Mode, methods: Vec<Method>) -> Self {
        Self {
            mode,
            methods,
            grace_period_days: 0,
            trusted_device_days: 0,
            required_roles: Vec::new(),
            exempt_roles: Vec::new(),
            self_service: true,
            replace_weak_secrets: false,
        }
    }

    fn names_roles(&self) -> bool {
        !self.required_roles.is_empty() || !self.exempt_roles.is_empty()
    }

    /// Row 4 of the table, its condition. `roles` are the user's, `None` if the host did not say: then, while either
    /// list is not empty, the login counts as required and not exempt, so that silence opens nothing.
    pub fn requires(&self, roles: Option<&[RoleName]>) -> bool {
        if self.mode == Mode::Disabled {
            return false;
        }
        let Some(roles) = roles else { return self.names_roles() || self.mode == Mode::Required };
        let required_by_role = roles.iter().any(|role| self.required_roles.contains(role));
        let required_of_all = self.mode == Mode::Required && self.required_roles.is_empty();
        required_by_role || (required_of_all && !self.exempts(Some(roles)))
    }

    /// Whether browsers that were trusted under `self` are no longer trusted under `next`.
    pub fn trust_ends_with(&self, next: &Self) -> bool {
        self.mode != next.mode
            || self.methods != next.methods
            || next.trusted_device_days < self.trusted_device_days
    }

    /// Whether a user with these roles may remove one of the `present` authenticators, which leaves `left`. Under a
    /// policy that requires one, the last of the wanted methods stays, and so does the last of all: it is what proves
    /// who enrols a wanted one.
    pub fn may_remove(&self, roles: Option<&[RoleName]>, present: &[Method], left: &[Method]) -> bool {
        let satisfied = |methods: &[Method]| methods.iter().any(|method| self.methods.contains(method));
        !self.requires(roles) || (!left.is_empty() && (satisfied(left) || !satisfied(present)))
    }

    fn exempts(&self, roles: Option<&[RoleName]>) -> bool {
        roles.is_some_and(|roles| roles.iter().any(|role| self.exempt_roles.contains(role)))
    }
}

impl Default for MfaPolicy {
    fn default() -> Self {
        Self::new(Mode::Disabled, vec![Method::Totp])
    }
}

/// Since when whom the policy has required to enrol: what a grace period is counted from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enforcement {
    /// Since when everyone must.
    pub everyone: Option<Timestamp>,
    /// Since when a login without roles must.
    pub unknown_roles: Option<Timestamp>,
    /// Since when the holders of a role must.
    pub roles: BTreeMap<String, Timestamp>,
}

impl Enforcement {
    /// What holds after `policy` replaces the policy that `self` belongs to. Who was required before and still is
    /// keeps the earlier time: for them nothing became stricter.
    pub fn after_change(&self, policy: &MfaPolicy, now: Timestamp) -> Self {
        if policy.mode == Mode::Disabled {
            return Self::default();
        }
        let everyone = policy.mode == Mode::Required && policy.required_roles.is_empty();
        let mut roles: BTreeMap<_, _> = if everyone { self.roles.clone() } else { BTreeMap::new() };
        for role in &policy.required_roles {
            let before = self.roles.get(role.as_str()).copied().or(self.everyone);
            roles.insert(role.as_str().to_owned(), before.unwrap_or(now));
        }
        Self {
            everyone: everyone.then(|| self.everyone.unwrap_or(now)),
            unknown_roles: policy.requires(None).then(|| self.unknown_roles.or(self.everyone).unwrap_or(now)),
            roles,
        }
    }

    /// Since when this user must; `None` if no time is known.
    fn since(&self, roles: Option<&[RoleName]>) -> Option<Timestamp> {
        let of_user: Option<Timestamp> = match roles {
            None => self.unknown_roles,
            Some(roles) => roles.iter().filter_map(|role| self.roles.get(role.as_str()).copied()).min(),
        };
        self.everyone.into_iter().chain(of_user).min()
    }
}

/// How far a user's only grace period has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    /// It has not begun for this user.
    NotBegun {
        /// When the user was first seen.
        first_seen: Timestamp,
    },
    /// It began then. It runs once: a policy that is relaxed and tightened again does not start another.
    Begun(Timestamp),
    /// Ended by an administrator's removal.
    Ended,
}

/// What one login is judged by.
#[derive(Debug, Clone, Copy)]
pub struct LoginQuestion<'a> {
    /// What the login is for.
    pub purpose: Purpose,
    /// Whether the user has a confirmed authenticator.
    pub enrolled: bool,
    /// Whether a valid trusted device came with the login, and the policy allows it.
    pub trusted_device: bool,
    /// The user's roles, if the host said.
    pub roles: Option<&'a [RoleName]>,
    /// The user's grace period.
    pub grace: Grace,
}

/// What a login needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing more.
    Pass(Reason),
    /// Nothing more for now: enrolment can be put off until `ends_at`.
    PassInGrace {
        /// When this user's grace period began; to be remembered, since it runs once.
        began_at: Timestamp,
        /// From then on enrolment is forced.
        ends_at: Timestamp,
    },
    /// A code by an enrolled method.
    Challenge,
    /// A new authenticator.
    Enroll,
}

/// The contract's decision table; the first row that matches wins.
pub fn login_requirement(
    policy: &MfaPolicy,
    enforcement: &Enforcement,
    login: LoginQuestion<'_>,
    now: Timestamp,
) -> Requirement {
    // A step-up always challenges who is enrolled, whatever the mode, and never forces enrolment.
    if login.purpose == Purpose::StepUp {
        return if login.enrolled { Requirement::Challenge } else { Requirement::Pass(Reason::NotEnrolled) };
    }
    if policy.mode == Mode::Disabled {
        return Requirement::Pass(Reason::PolicyDisabled); // 1
    }
    if login.enrolled && login.trusted_device {
        return Requirement::Pass(Reason::TrustedDevice); // 2
    }
    if login.enrolled {
        return Requirement::Challenge; // 3
    }
    if policy.requires(login.roles) {
        return grace_or_enrollment(policy, enforcement, login, now); // 4
    }
    if policy.exempts(login.roles) {
        return Requirement::Pass(Reason::Exempt); // 5
    }
    Requirement::Pass(Reason::NotEnrolled) // 6
}

fn grace_or_enrollment(
    policy: &MfaPolicy,
    enforcement: &Enforcement,
    login: LoginQuestion<'_>,
    now: Timestamp,
) -> Requirement {
    let began_at = match login.grace {
        Grace::Ended => return Requirement::Enroll,
        Grace::Begun(at) => at,
        // Without a known time the policy counts as having always been this strict: no grace.
        Grace::NotBegun { first_seen } => match enforcement.since(login.roles) {
            Some(since) => since.max(first_seen),
            None => return Requirement::Enroll,
        },
    };
    // A clock that was set back, or another replica's that is behind, must not stretch it.
    let began_at = began_at.min(now);
    let ends_at = began_at.plus(Duration::from_secs(86_400 * u64::from(policy.grace_period_days)));
    if now < ends_at { Requirement::PassInGrace { began_at, ends_at } } else { Requirement::Enroll }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    const NOW: Timestamp = Timestamp(100 * DAY);

    fn roles(names: &[&str]) -> Vec<RoleName> {
        names.iter().map(|name| RoleName::parse(*name).unwrap()).collect()
    }

    fn policy(mode: Mode, required: &[&str], exempt: &[&str]) -> MfaPolicy {
        MfaPolicy {
            required_roles: roles(required),
            exempt_roles: roles(exempt),
            ..MfaPolicy::new(mode, vec![Method::Totp])
        }
    }

    struct User<'a> {
        enrolled: bool,
        trusted: bool,
        roles: Option<&'a [&'a str]>,
    }

    const NEWCOMER: User<'static> = User { enrolled: false, trusted: false, roles: Some(&[]) };
    const ENROLLED: User<'static> = User { enrolled: true, ..NEWCOMER };

    fn ask_for(purpose: Purpose, policy: &MfaPolicy, user: &User<'_>) -> Requirement {
        let held = user.roles.map(roles);
        let login = LoginQuestion {
            purpose,
            enrolled: user.enrolled,
            trusted_device: user.trusted,
            roles: held.as_deref(),
            grace: Grace::NotBegun { first_seen: Timestamp(0) },
        };
        login_requirement(policy, &Enforcement::default().after_change(policy, NOW), login, NOW)
    }

    fn ask(policy: &MfaPolicy, user: &User<'_>) -> Requirement {
        ask_for(Purpose::Login, policy, user)
    }

    #[test]
    fn trust_ends_with_a_change_of_mode_or_methods_and_with_fewer_days() {
        let before = MfaPolicy { trusted_device_days: 30, ..policy(Mode::Required, &[], &[]) };
        let ends = |next: MfaPolicy| before.trust_ends_with(&next);
        assert!(!ends(before.clone()));
        assert!(!ends(MfaPolicy { trusted_device_days: 31, grace_period_days: 3, ..before.clone() }));
        assert!(!ends(MfaPolicy { required_roles: roles(&["editor"]), ..before.clone() }));
        assert!(ends(MfaPolicy { trusted_device_days: 29, ..before.clone() }));
        assert!(ends(MfaPolicy { mode: Mode::Optional, ..before.clone() }));
        assert!(ends(MfaPolicy { methods: vec![Method::Totp, Method::Email], ..before.clone() }));
    }

    #[test]
    fn who_must_have_an_authenticator_keeps_the_last_that_satisfies_the_policy() {
        use Method::{Email, Totp};
        let required = policy(Mode::Required, &[], &["robot"]);
        let editor = roles(&["editor"]);
        let may = |present: &[Method], left: &[Method]| required.may_remove(Some(&editor), present, left);
        assert!(may(&[Totp, Totp], &[Totp]));
        assert!(may(&[Totp, Email], &[Totp]));
        assert!(!may(&[Totp], &[]));
        assert!(!may(&[Totp, Email], &[Email]));
        assert!(may(&[Email, Email], &[Email]), "neither satisfies; one is left to prove who enrols");
        assert!(!may(&[Email], &[]));
        assert!(required.may_remove(Some(&roles(&["robot"])), &[Totp], &[]), "exempt");
        assert!(policy(Mode::Optional, &[], &[]).may_remove(Some(&editor), &[Totp], &[]));
        assert!(policy(Mode::Disabled, &[], &[]).may_remove(None, &[Totp], &[]));
    }

    #[test]
    fn row_1_a_disabled_policy_passes_everyone() {
        let disabled = policy(Mode::Disabled, &["editor"], &["robot"]);
        for roles in [None, Some(&["editor"][..]), Some(&["robot"][..]), Some(&[][..])] {
            for enrolled in [false, true] {
                let user = User { enrolled, trusted: enrolled, roles };
                assert_eq!(ask(&disabled, &user), Requirement::Pass(Reason::PolicyDisabled));
            }
        }
    }

    #[test]
    fn row_2_a_trusted_device_passes_who_is_enrolled() {
        for mode in [Mode::Optional, Mode::Required] {
            let policy = policy(mode, &[], &[]);
            let user = User { trusted: true, ..ENROLLED };
            assert_eq!(ask(&policy, &user), Requirement::Pass(Reason::TrustedDevice));
        }
        let stranger = User { trusted: true, ..NEWCOMER };
        assert_eq!(ask(&policy(Mode::Required, &[], &[]), &stranger), Requirement::Enroll);
    }

    #[test]
    fn row_3_who_is_enrolled_is_challenged_exempt_or_not() {
        for mode in [Mode::Optional, Mode::Required] {
            for held in [None, Some(&["robot"][..]), Some(&["editor"][..]), Some(&[][..])] {
                let policy = policy(mode, &["editor"], &["robot"]);
                assert_eq!(ask(&policy, &User { roles: held, ..ENROLLED }), Requirement::Challenge);
            }
        }
    }

    #[test]
    fn row_4_who_must_enrol() {
        let enroll = |mode, required: &[&str], exempt: &[&str], held: Option<&[&str]>| {
            ask(&policy(mode, required, exempt), &User { roles: held, ..NEWCOMER }) == Requirement::Enroll
        };
        use Mode::{Optional, Required};
        assert!(enroll(Required, &[], &[], Some(&[])), "required of all");
        assert!(enroll(Required, &[], &[], None), "required of all, roles unknown");
        assert!(enroll(Required, &["editor"], &[], Some(&["editor"])), "by role");
        assert!(enroll(Optional, &["editor"], &[], Some(&["editor"])), "by role, otherwise optional");
        assert!(
            enroll(Required, &["editor"], &["robot"], Some(&["editor", "robot"])),
            "required beats exempt"
        );
        assert!(enroll(Required, &[], &["robot"], None), "unknown roles are not exempt");
        assert!(enroll(Optional, &["editor"], &[], None), "unknown roles count as required");
        assert!(enroll(Optional, &[], &["robot"], None), "also where only exemptions are named");
        assert!(!enroll(Required, &["editor"], &[], Some(&["author"])), "another role");
        assert!(!enroll(Required, &["editor"], &[], Some(&["Editor"])), "names are never folded");
        assert!(!enroll(Required, &[], &["robot"], Some(&["robot"])), "exempt");
        assert!(!enroll(Optional, &[], &[], None), "optional without roles");
    }

    #[test]
    fn row_5_an_exempt_role_passes() {
        for mode in [Mode::Optional, Mode::Required] {
            let user = User { roles: Some(&["robot"]), ..NEWCOMER };
            assert_eq!(ask(&policy(mode, &[], &["robot"]), &user), Requirement::Pass(Reason::Exempt));
        }
    }

    #[test]
    fn row_6_everyone_else_passes_unenrolled() {
        assert_eq!(ask(&policy(Mode::Optional, &[], &[]), &NEWCOMER), Requirement::Pass(Reason::NotEnrolled));
        let author = User { roles: Some(&["author"]), ..NEWCOMER };
        let by_role = policy(Mode::Required, &["editor"], &["robot"]);
        assert_eq!(ask(&by_role, &author), Requirement::Pass(Reason::NotEnrolled));
    }

    #[test]
    fn a_step_up_challenges_the_enrolled_and_never_enrols() {
        for mode in [Mode::Disabled, Mode::Optional, Mode::Required] {
            let policy = policy(mode, &[], &["robot"]);
            let robot = User { trusted: true, roles: Some(&["robot"]), ..ENROLLED };
            assert_eq!(ask_for(Purpose::StepUp, &policy, &robot), Requirement::Challenge);
            let pass = Requirement::Pass(Reason::NotEnrolled);
            assert_eq!(ask_for(Purpose::StepUp, &policy, &NEWCOMER), pass);
        }
    }

    fn in_grace(enforcement: &Enforcement, grace: Grace, held: &[&str], now: Timestamp) -> Option<Timestamp> {
        let policy = MfaPolicy { grace_period_days: 7, ..policy(Mode::Required, &[], &[]) };
        let held = roles(held);
        let login = LoginQuestion {
            purpose: Purpose::Login,
            enrolled: false,
            trusted_device: false,
            roles: Some(&held),
            grace,
        };
        match login_requirement(&policy, enforcement, login, now) {
            Requirement::PassInGrace { ends_at, .. } => Some(ends_at),
            Requirement::Enroll => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn grace_runs_from_the_later_of_policy_and_first_sight_and_ends() {
        let since = Enforcement { everyone: Some(Timestamp(10 * DAY)), ..Enforcement::default() };
        let fresh = |day| Grace::NotBegun { first_seen: Timestamp(day * DAY) };
        assert_eq!(in_grace(&since, fresh(1), &[], Timestamp(16 * DAY)), Some(Timestamp(17 * DAY)));
        assert_eq!(in_grace(&since, fresh(1), &[], Timestamp(17 * DAY)), None, "the end is not in it");
        assert_eq!(in_grace(&since, fresh(12), &[], Timestamp(17 * DAY)), Some(Timestamp(19 * DAY)));
        assert_eq!(
            in_grace(&since, Grace::Begun(Timestamp(2 * DAY)), &[], Timestamp(10 * DAY)),
            None,
            "once"
        );
        assert_eq!(in_grace(&since, Grace::Ended, &[], Timestamp(10 * DAY)), None, "ended by a removal");
        assert_eq!(
            in_grace(&Enforcement::default(), fresh(1), &[], Timestamp(1)),
            None,
            "no known beginning"
        );
    }

    #[test]
    fn a_clock_set_back_neither_begins_nor_stretches_a_grace_period() {
        let required = policy(Mode::Required, &[], &[]);
        let since = Enforcement { everyone: Some(Timestamp(10 * DAY)), ..Enforcement::default() };
        let login = LoginQuestion {
            purpose: Purpose::Login,
            enrolled: false,
            trusted_device: false,
            roles: Some(&[]),
            grace: Grace::NotBegun { first_seen: Timestamp(10 * DAY) },
        };
        let earlier = Timestamp(9 * DAY);
        assert_eq!(login_requirement(&required, &since, login, earlier), Requirement::Enroll);
        assert_eq!(in_grace(&since, login.grace, &[], earlier), Some(Timestamp(16 * DAY)));
    }

    #[test]
    fn who_was_required_before_gets_no_new_grace_by_a_wider_policy() {
        let editors =
            Enforcement::default().after_change(&policy(Mode::Required, &["editor"], &[]), Timestamp(DAY));
        let all = editors.after_change(&policy(Mode::Required, &[], &[]), Timestamp(20 * DAY));
        let seen = Grace::NotBegun { first_seen: Timestamp(0) };
        assert_eq!(in_grace(&all, seen, &["editor"], Timestamp(21 * DAY)), None);
        assert_eq!(in_grace(&all, seen, &["author"], Timestamp(21 * DAY)), Some(Timestamp(27 * DAY)));
        let narrowed = all.after_change(&policy(Mode::Required, &["author"], &[]), Timestamp(30 * DAY));
        assert_eq!(narrowed.roles["author"], Timestamp(20 * DAY), "was already required as one of all");
    }

    #[test]
    fn disabling_forgets_since_when_it_was_required() {
        let required = policy(Mode::Required, &[], &[]);
        let on = Enforcement::default().after_change(&required, Timestamp(1));
        let off = on.after_change(&policy(Mode::Disabled, &[], &[]), Timestamp(2));
        assert_eq!(off, Enforcement::default());
        assert_eq!(off.after_change(&required, Timestamp(3)).everyone, Some(Timestamp(3)));
    }
}
