<?php

declare(strict_types=1);

namespace Civi\Api4\Generic;

/** `get` on rows of a test: clauses with `=`, `!=` and `IN`; what is not selected is left out. */
class Rows extends AbstractAction
{
    /** @var list<string> */
    private array $columns = [];
    /** @var list<array{string, string, mixed}> */
    private array $clauses = [];

    /** @param list<array<string, mixed>> $rows */
    public function __construct(string $entityName, private array $rows)
    {
        parent::__construct($entityName, 'get');
    }

    public function addSelect(string ...$columns): static
    {
        array_push($this->columns, ...$columns);
        return $this;
    }

    public function addWhere(string $column, string $operator, mixed $value): static
    {
        $this->clauses[] = [$column, $operator, $value];
        return $this;
    }

    public function addOrderBy(string $column): static
    {
        return $this;
    }

    public function _run(Result $result)
    {
        foreach ($this->rows as $row) {
            foreach ($this->clauses as [$column, $operator, $value]) {
                $isMatch = match ($operator) {
                    '=' => $row[$column] == $value,
                    '!=' => $row[$column] != $value,
                    'IN' => in_array($row[$column], $value),
                };
                if (!$isMatch) {
                    continue 2;
                }
            }
            $result[] = array_intersect_key($row, array_flip($this->columns)) + array_fill_keys($this->columns, null);
        }
    }
}
