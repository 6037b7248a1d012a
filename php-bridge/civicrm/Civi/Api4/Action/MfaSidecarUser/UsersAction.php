<?php

declare(strict_types=1);

namespace Civi\Api4\Action\MfaSidecarUser;

use Civi\Api4\Generic\AbstractAction;
use Civi\Api4\Generic\Result;
use Civi\Mfasidecar\Connection;
use MfaSidecar\Flow\Administration;
use MfaSidecar\Flow\AdministrationStep;
use MfaSidecar\Page\Message;

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
        foreach ($this->act(Connection::administration(), $this->ids()) as $row) {
            $result[] = $row;
        }
    }

    /**
     * @param non-empty-list<string> $ids
     * @return iterable<array<string, mixed>>
     * @throws \CRM_Core_Exception
     */
    abstract protected function act(Administration $administration, array $ids): iterable;

    /**
     * @template T of object
     * @param T|Message $answer of the library
     * @return T
     * @throws \CRM_Core_Exception codes of problems and paths are the log's; the client hears that no more was done
     */
    protected static function demand(object $answer): object
    {
        $isFailure = $answer instanceof Message || ($answer instanceof AdministrationStep && !$answer->isDone);
        return $isFailure
            ? throw new \CRM_Core_Exception('The multi-factor service did not do it. The cause is in CiviCRM\'s log.')
            : $answer;
    }

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
