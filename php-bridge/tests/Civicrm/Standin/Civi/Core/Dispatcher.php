<?php

declare(strict_types=1);

namespace Civi\Core;

use Civi\Core\Service\AutoSubscriber;

/** Calls listeners by priority, the highest first. */
class Dispatcher
{
    /** @var array<string, list<array{int, callable}>> */
    private array $listeners = [];

    public function addSubscriber(AutoSubscriber $subscriber): void
    {
        foreach ($subscriber::getSubscribedEvents() as $event => $methods) {
            foreach (is_array($methods) ? $methods : [[$methods, 0]] as [$method, $priority]) {
                $this->listeners[$event][] = [$priority, [$subscriber, $method]];
            }
        }
    }

    public function dispatch(string $name, object $event): object
    {
        $listeners = $this->listeners[$name] ?? [];
        if ($name === 'hook_civicrm_searchKitTasks' && $event->search['name'] === 'Users') {
            // Core's list names the tasks that it shows; SearchKit takes out the others at -200.
            $listeners[] = [-200, static function (object $event): void {
                $event->tasks['User'] = array_intersect_key($event->tasks['User'] ?? [], ['delete' => true]);
            }];
        }
        usort($listeners, static fn (array $one, array $other): int => $other[0] <=> $one[0]);
        foreach ($listeners as [, $listener]) {
            $listener($event);
        }
        return $event;
    }
}
