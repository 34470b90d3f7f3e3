//! `rekindle replay-dead-letters`: tries dead letters again.

use super::output::print;
use super::progress::bar;
use super::stack_address::StackAddress;
use anyhow::bail;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use rekindle_operator::deployment::Outputs;
use rekindle_operator::deployment::dead_letters::{Letters, Replay, Replayed};
use serde_json::{Map, Value, json};
use std::num::NonZeroU32;

/// Moves dead letters of a deployed stack back to the queues they came from. Do so when the cause of the failures is gone.
/// Letters that cannot be parsed stay and are counted. An interruption may duplicate a letter, which is harmless, but never
/// loses one.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The queues whose dead letters to move [default: all]
    #[arg(value_enum, value_name = "QUEUE")]
    queues: Vec<Queue>,
    #[command(flatten)]
    address: StackAddress,
    /// The most letters a second
    #[arg(long, default_value = "50", value_name = "NUMBER")]
    rate: NonZeroU32,
    /// Only count
    #[arg(long)]
    dry_run: bool,
    /// Delete letters that cannot be parsed. Look at them before: an upgrade may be able to
    #[arg(long)]
    discard_unreadable: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Queue {
    /// Customers to advance
    Advance,
    /// Messages to send
    Send,
    /// Reports of providers
    Feedback,
    /// Deliveries of shop systems
    Hooks,
    /// Positions of the stream: `rekindle rebuild` replaces them
    Stream,
    /// Schedules that could not start their function: the next run replaced them
    Schedule,
}

impl Queue {
    fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Send => "send",
            Self::Feedback => "feedback",
            Self::Hooks => "hooks",
            Self::Stream => "stream",
            Self::Schedule => "schedule",
        }
    }

    /// The URL of its dead-letter queue.
    fn dead(self, outputs: &Outputs) -> &str {
        match self {
            Self::Advance => &outputs.advance_dead_letters_url,
            Self::Send => &outputs.send_dead_letters_url,
            Self::Feedback => &outputs.feedback_dead_letters_url,
            Self::Hooks => &outputs.hooks_dead_letters_url,
            Self::Stream => &outputs.stream_dead_letters_url,
            Self::Schedule => &outputs.schedule_dead_letters_url,
        }
    }

    /// The kind of its dead letters and the URL to which they go back, if they can.
    fn origin(self, outputs: &Outputs) -> Option<(Letters, &str)> {
        match self {
            Self::Advance => Some((Letters::Advance, &outputs.advance_queue_url)),
            Self::Send => Some((Letters::Send, &outputs.send_queue_url)),
            Self::Feedback => Some((Letters::Feedback, &outputs.feedback_queue_url)),
            Self::Hooks => Some((Letters::Hooks, &outputs.hooks_queue_url)),
            Self::Stream | Self::Schedule => None,
        }
    }
}

pub(super) async fn run(args: ReplayArgs) -> anyhow::Result<()> {
    let deployment = args.address.find().await?;
    let queues = if args.queues.is_empty() { Queue::value_variants() } else { &args.queues };
    let client = deployment.clients.sqs();
    let replay = Replay {
        client: &client,
        rate: args.rate,
        dry_run: args.dry_run,
        discard_unreadable: args.discard_unreadable,
        started_at: Timestamp::now(),
    };
    let (mut results, mut refused) = (Map::new(), 0);
    for queue in queues {
        let (name, dead) = (queue.name(), queue.dead(&deployment.outputs));
        let waiting = replay.waiting(dead).await?;
        let Some((letters, to)) = queue.origin(&deployment.outputs) else {
            let then = (waiting > 0).then(|| instead(*queue, dead, &args.address));
            if !args.json {
                print(format_args!("{name:<9} {waiting} wait"))?;
                if let Some(then) = &then {
                    print(format_args!("{:<9} → {then}", ""))?;
                }
            }
            results.insert(name.to_owned(), json!({ "waiting": waiting, "instead": then }));
            continue;
        };
        let bar = bar(waiting, name);
        let replayed = replay.run(letters, dead, to, |so_far| bar.set_position(so_far.moved)).await;
        bar.finish_and_clear();
        let replayed = replayed?;
        refused += replayed.refused;
        if !args.json {
            print(format_args!("{name:<9} {}", in_words(&replayed, args.dry_run)))?;
        }
        results.insert(name.to_owned(), serde_json::to_value(replayed)?);
    }
    if args.json {
        print(json!({ "dry_run": args.dry_run, "queues": Value::Object(results) }))?;
    }
    if refused > 0 {
        bail!("the queues refused {refused} letters, which are still dead letters; run it again");
    }
    Ok(())
}

/// What to do about dead letters that cannot be moved.
fn instead(queue: Queue, url: &str, address: &StackAddress) -> String {
    let purge = format!("aws sqs purge-queue --queue-url {url}{}", address.aws().options());
    match queue {
        Queue::Stream => {
            format!(
                "these are positions in the stream, not facts: rekindle rebuild {}, then {purge}",
                address.options()
            )
        }
        _ => format!("the next run of the schedule replaced them: {purge}"),
    }
}

fn in_words(replayed: &Replayed, dry_run: bool) -> String {
    let Replayed { moved, unreadable, discarded, came_back, refused } = replayed;
    let mut words = format!("{moved} {}", if dry_run { "would be moved" } else { "moved" });
    for (count, what) in [
        (unreadable, "cannot be parsed and stay"),
        (discarded, "could not be parsed and were deleted"),
        (came_back, "failed again meanwhile and stay"),
        (refused, "were refused and stay"),
    ] {
        if *count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    words
}
