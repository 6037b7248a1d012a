<?php

declare(strict_types=1);

namespace MfaSidecar\Flow;

use MfaSidecar\Api\Client;
use MfaSidecar\Api\OneTimePass;
use MfaSidecar\Api\Policy;
use MfaSidecar\Api\PolicyChoice;
use MfaSidecar\Api\PolicyMode;
use MfaSidecar\Api\RosterPage;
use MfaSidecar\Api\UserState;
use MfaSidecar\Error\Misconfigured;
use MfaSidecar\Error\Problem;
use MfaSidecar\Error\ProblemCode;
use MfaSidecar\Error\SidecarError;
use MfaSidecar\Page\Message;

/**
 * What a host's administration pages do: the site's rules, the state of its users, help for one of them.
 *
 * The client holds an admin key and names the administrator who acts (Client::actingAs). Whatever goes wrong becomes a
 * sentence for that person, and a cause in the host's log.
 */
final class Administration
{
    /** What the library has pages for; other methods in a policy stay as they are. */
    public const METHODS = ['totp', 'email', 'sms'];

    /** As many users as the service tells of in one call. */
    private const ROSTER_PAGE = 200;

    private readonly \Closure $log;

    /**
     * @param Client|(\Closure(): Client) $client a closure may throw a SidecarError, told as one of the service
     * @param (\Closure(string): void)|null $log takes one line for the host's log, free of secrets
     */
    public function __construct(private readonly Client|\Closure $client, ?\Closure $log = null)
    {
        $this->log = $log ?? error_log(...);
    }

    public function policy(): Policy|Message
    {
        try {
            return $this->client()->policy();
        } catch (SidecarError $error) {
            return $this->unreadable($error);
        }
    }

    /** @param string $choice from the drop-down, a PolicyChoice */
    public function choose(string $choice, ?string $etag): AdministrationStep
    {
        $chosen = PolicyChoice::tryFrom($choice);
        return $chosen === null
            ? AdministrationStep::refused(new Message('admin.choice_missing'), 422)
            : $this->change(fn (): array => $chosen->toChange(), $etag);
    }

    /**
     * The rules that are finer than the drop-down, by the fields of a form: `mode`, `methods[]`, `grace_period_days`,
     * `trusted_device_days`, `required_roles[]`, `exempt_roles[]`, `self_service`. A form that shows them sends
     * `replace_weak_secrets` ("0" for no), and `policy`: a PolicyChoice, whose mode and methods win over the form's.
     *
     * @param array<mixed> $fields of the POST; the host has checked its form token
     * @param list<string> $roles that the form shows; those it does not know stay as they are
     * @param string|null $etag of the policy that the person saw
     */
    public function saveRules(array $fields, array $roles, ?string $etag): AdministrationStep
    {
        $choice = PolicyChoice::tryFrom(is_string($fields['policy'] ?? null) ? $fields['policy'] : '');
        $mode = PolicyMode::tryFrom(is_string($fields['mode'] ?? null) ? $fields['mode'] : '');
        $days = [$fields['grace_period_days'] ?? null, $fields['trusted_device_days'] ?? null];
        $methods = self::chosen($fields, 'methods', self::METHODS);
        $areDays = array_filter($days, static fn (mixed $text): bool => is_string($text) && ctype_digit($text));
        if (($choice === null && ($mode === null || $methods === [])) || count($areDays) !== 2) {
            return AdministrationStep::refused(new Message('admin.rules_invalid'), 422);
        }
        return $this->change(function () use ($fields, $roles, $choice, $mode, $days, $methods): array {
            $present = $this->client()->policy();
            $requiredRoles = array_values(array_diff($present->requiredRoles, $roles));
            $exemptRoles = array_values(array_diff($present->exemptRoles, $roles));
            $change = $choice?->toChange() ?? [
                'mode' => $mode->value,
                'methods' => [...$methods, ...array_values(array_diff($present->methods, self::METHODS))],
            ];
            $change += [
                'grace_period_days' => (int) $days[0],
                'trusted_device_days' => (int) $days[1],
                'required_roles' => [...self::chosen($fields, 'required_roles', $roles), ...$requiredRoles],
                'exempt_roles' => [...self::chosen($fields, 'exempt_roles', $roles), ...$exemptRoles],
                'self_service' => ($fields['self_service'] ?? null) === '1',
            ];
            if (isset($fields['replace_weak_secrets'])) {
                $change['replace_weak_secrets'] = $fields['replace_weak_secrets'] === '1';
            }
            return $change;
        }, $etag);
    }

    /**
     * The state of many users, in one call for each 200.
     *
     * @param list<string> $userIds
     * @return RosterPage|Message why it is not known
     */
    public function roster(array $userIds): RosterPage|Message
    {
        try {
            $users = [];
            foreach (array_chunk($userIds, self::ROSTER_PAGE) as $ids) {
                array_push($users, ...$this->client()->usersById($ids)->users);
            }
            return new RosterPage($users, null);
        } catch (SidecarError $error) {
            return $this->unreadable($error);
        }
    }

    /** @return UserState|Message|null null: the service has never seen this user; a message: why it is not known */
    public function user(string $userId): UserState|Message|null
    {
        try {
            return $this->client()->findUser($userId);
        } catch (SidecarError $error) {
            return $this->unreadable($error);
        }
    }

    /** @param string $name of the user, for the sentence about it */
    public function removeAuthenticators(string $userId, string $name): AdministrationStep
    {
        return $this->attempt(function () use ($userId, $name): AdministrationStep {
            $removed = $this->client()->removeAuthenticators($userId);
            $key = $removed === 0 ? 'users.nothing_removed' : 'users.removed';
            return AdministrationStep::done(new Message($key, ['user' => $name]), removed: $removed);
        }, new Message('users.nothing_removed', ['user' => $name]));
    }

    /** @param string $name of the user, for the sentence about it */
    public function unlock(string $userId, string $name): AdministrationStep
    {
        return $this->attempt(function () use ($userId, $name): AdministrationStep {
            $this->client()->unlockUser($userId);
            return AdministrationStep::done(new Message('users.unlocked', ['user' => $name]));
        }, new Message('users.unlocked', ['user' => $name]));
    }

    /** @return OneTimePass|AdministrationStep to be shown once; why there is none */
    public function issueOneTimePass(string $userId, int $expiresInSeconds = 900): OneTimePass|AdministrationStep
    {
        try {
            return $this->client()->issueOneTimePass($userId, $expiresInSeconds);
        } catch (SidecarError $error) {
            return $this->failed($error);
        }
    }

    /**
     * The host has deleted a user: everything goes, so that a new one with the same id inherits nothing.
     *
     * @return bool false: not now; the host tries again later
     */
    public function forget(string $userId): bool
    {
        try {
            $this->client()->deleteUser($userId);
            return true;
        } catch (Problem $problem) {
            return $problem->problem === ProblemCode::UserNotFound || $this->note($problem);
        } catch (SidecarError $error) {
            return $this->note($error);
        }
    }

    /** @throws SidecarError */
    private function client(): Client
    {
        return $this->client instanceof Client ? $this->client : ($this->client)();
    }

    /** @param \Closure(): array<string, mixed> $change */
    private function change(\Closure $change, ?string $etag): AdministrationStep
    {
        try {
            $policy = $this->client()->changePolicy($change(), $etag);
            return AdministrationStep::done(new Message('admin.saved'), $policy);
        } catch (SidecarError $error) {
            return match ($error instanceof Problem ? $error->problem : null) {
                ProblemCode::PreconditionFailed => AdministrationStep::refused(new Message('admin.conflict'), 409),
                ProblemCode::InvalidRequest => AdministrationStep::refused(new Message('admin.rules_invalid'), 422),
                default => $this->failed($error),
            };
        }
    }

    /**
     * @param \Closure(): AdministrationStep $attempt
     * @param Message $unknown the service has never seen this user
     */
    private function attempt(\Closure $attempt, Message $unknown): AdministrationStep
    {
        try {
            return $attempt();
        } catch (SidecarError $error) {
            return $error instanceof Problem && $error->problem === ProblemCode::UserNotFound
                ? AdministrationStep::done($unknown)
                : $this->failed($error);
        }
    }

    private function failed(SidecarError $error): AdministrationStep
    {
        $this->note($error);
        $key = $error instanceof Misconfigured ? 'admin.misconfigured' : 'admin.failed';
        return AdministrationStep::refused(new Message($key), 503);
    }

    private function unreadable(SidecarError $error): Message
    {
        $this->note($error);
        return new Message($error instanceof Misconfigured ? 'admin.misconfigured' : 'admin.unreachable');
    }

    private function note(SidecarError $error): bool
    {
        ($this->log)('mfa-sidecar: ' . $error->getMessage());
        return false;
    }

    /**
     * @param array<mixed> $fields
     * @param list<string> $offered
     * @return list<string> in the order in which they are offered
     */
    private static function chosen(array $fields, string $name, array $offered): array
    {
        $chosen = is_array($fields[$name] ?? null) ? array_filter($fields[$name], is_string(...)) : [];
        return array_values(array_intersect($offered, $chosen));
    }
}
