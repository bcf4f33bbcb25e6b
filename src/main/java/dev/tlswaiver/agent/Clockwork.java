package dev.tlswaiver.agent;

import dev.tlswaiver.control.StartException;
import dev.tlswaiver.logging.JournalLogging;
import java.time.Instant;
import java.time.LocalTime;
import java.util.Date;
import java.util.Optional;
import org.quartz.CronScheduleBuilder;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.DirectSchedulerFactory;
import org.quartz.simpl.RAMJobStore;
import org.quartz.simpl.SimpleThreadPool;

/**
 * Quartz's jobs: a few fixed ones that hand the thinking thread a task. Deadlines live in the
 * ledger and are swept, since a trigger for each waiver would not scale.
 */
final class Clockwork implements AutoCloseable {
  private static final int TICK_SECONDS = 1;
  private static final int RECONCILE_SECONDS = 60;
  private static final int PRUNE_SECONDS = 3_600;
  private static final int REPEATS_SECONDS = 60;

  private static final String NAME = "tlswaiver";

  private final Scheduler scheduler;

  /**
   * @param summary when the day's summary is due, by the host's clock; empty for never
   */
  Clockwork(Service service, Agent agent, Optional<LocalTime> summary) throws StartException {
    try {
      DirectSchedulerFactory factory = DirectSchedulerFactory.getInstance();
      factory.createScheduler(NAME, NAME, threads(), new RAMJobStore());
      scheduler = factory.getScheduler(NAME);
      scheduler.setJobFactory(
          (bundle, owner) ->
              new Hand(service, taskOf(agent, bundle.getJobDetail().getKey().getName())));
      schedule("tick", TICK_SECONDS);
      schedule("reconcile", RECONCILE_SECONDS);
      schedule("prune", PRUNE_SECONDS);
      schedule("repeats", REPEATS_SECONDS);
      if (summary.isPresent()) {
        scheduler.scheduleJob(
            JobBuilder.newJob(Hand.class).withIdentity("summary").build(),
            daily(summary.get(), Instant.now()));
      }
      scheduler.start();
    } catch (SchedulerException failure) {
      throw new StartException("the scheduler does not start: " + failure.getMessage(), failure);
    }
  }

  /** Each day at that time by the host's clock, and not in the very second that has begun. */
  static Trigger daily(LocalTime time, Instant now) {
    return TriggerBuilder.newTrigger()
        // Quartz forgets fractions: an agent that is started again would tell twice.
        .startAt(Date.from(now.plusSeconds(1)))
        .withSchedule(
            CronScheduleBuilder.dailyAtHourAndMinute(time.getHour(), time.getMinute())
                .withMisfireHandlingInstructionFireAndProceed())
        .build();
  }

  private static SimpleThreadPool threads() {
    SimpleThreadPool threads = new SimpleThreadPool(1, Thread.NORM_PRIORITY);
    threads.setMakeThreadsDaemons(true);
    return threads;
  }

  private static Service.Task taskOf(Agent agent, String job) {
    return switch (job) {
      case "tick" -> agent::tick;
      case "reconcile" -> agent::reconcile;
      case "prune" -> agent::prune;
      case "repeats" -> JournalLogging::tellRepeats;
      case "summary" -> agent::summarize;
      default -> throw new IllegalStateException("no such job: " + job);
    };
  }

  private void schedule(String job, int seconds) throws SchedulerException {
    scheduler.scheduleJob(
        JobBuilder.newJob(Hand.class).withIdentity(job).build(),
        TriggerBuilder.newTrigger()
            // Not at once: the agent begins by putting the host in order itself.
            .startAt(Date.from(Instant.now().plusSeconds(Math.min(seconds, RECONCILE_SECONDS))))
            .withSchedule(
                SimpleScheduleBuilder.repeatSecondlyForever(seconds)
                    .withMisfireHandlingInstructionNextWithRemainingCount())
            .build());
  }

  /** Hands one task over. */
  @DisallowConcurrentExecution
  private record Hand(Service service, Service.Task task) implements Job {
    @Override
    public void execute(JobExecutionContext context) {
      service.submit(task);
    }
  }

  @Override
  public void close() {
    try {
      scheduler.shutdown(false);
    } catch (SchedulerException failure) {
      throw new IllegalStateException("the scheduler does not stop", failure);
    }
  }
}
