<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use Civi\Api4\Generic\AbstractAction;
use Civi\Api4\Generic\Result;
use Civi\Mfasidecar\Accounts;
use Civi\Mfasidecar\Connection;
use Civi\Mfasidecar\Sentences;
use MfaSidecar\Api\Client;
use MfaSidecar\Error\SidecarError;

/**
 * An action on users who are named by their ids.
 *
 * @method array getWhere()
 * @method $this setWhere(array $where)
 */
abstract class UsersAction extends AbstractAction
{
    /**
     * One clause about `id`, with `=` or `IN`.
     *
     * @var array
     * @required
     */
    protected $where = [];

    public function _run(Result $result): void
    {
        $ids = $this->ids();
        try {
            // Who acts goes into the service's audit log.
            foreach ($this->act(Connection::admin(Accounts::signedIn()), $ids) as $row) {
                $result[] = $row;
            }
        } catch (SidecarError $error) {
            // Codes of problems and paths are the log's; the client hears that nothing more was done.
            Sentences::log('mfa-sidecar: ' . $error->getMessage());
            throw new \CRM_Core_Exception('The multi-factor service did not do it. The cause is in CiviCRM\'s log.');
        }
    }

    /**
     * @param non-empty-list<string> $ids
     * @return iterable<array<string, mixed>>
     * @throws SidecarError
     */
    abstract protected function act(Client $client, array $ids): iterable;

    /**
     * Strict, because a clause that is not understood must not reach more users than were meant.
     *
     * @return non-empty-list<string>
     * @throws \CRM_Core_Exception
     */
    private function ids(): array
    {
        $clause = count($this->where) === 1 ? array_values($this->where)[0] : null;
        [$field, $operator, $value] = (is_array($clause) ? array_values($clause) : []) + [null, null, null];
        $values = match ($operator) {
            '=' => [$value],
            'IN' => is_array($value) ? $value : [],
            default => [],
        };
        $ids = array_map(
            static fn (mixed $id): int => filter_var($id, FILTER_VALIDATE_INT, ['options' => ['min_range' => 1]]) ?: 0,
            array_values($values),
        );
        if ($field !== 'id' || $ids === [] || in_array(0, $ids, true)) {
            throw new \CRM_Core_Exception('"where" takes one clause: [["id", "=", 42]] or [["id", "IN", [42, 43]]].');
        }
        return array_map(strval(...), array_values(array_unique($ids)));
    }
}
