//! `rekindle replay-dead-letters`: what failed again and again is tried once more.

use super::progress::bar;
use super::stack_address::StackAddress;
use anyhow::bail;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use rekindle_operator::deployment::Outputs;
use rekindle_operator::deployment::dead_letters::{Letters, Replay, Replayed};
use serde_json::{Map, Value, json};
use std::num::NonZeroU32;

/// Moves dead letters of a deployed stack back to the queues they came from, once what killed them is gone. A letter that
/// nobody can read is left and counted. What stops in between may leave a letter twice, which does no harm, never lost.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Whose dead letters [default: all]
    #[arg(value_enum, value_name = "QUEUE")]
    queues: Vec<Queue>,
    #[command(flatten)]
    address: StackAddress,
    /// Most letters a second
    #[arg(long, default_value = "50", value_name = "NUMBER")]
    rate: NonZeroU32,
    /// Only look
    #[arg(long)]
    dry_run: bool,
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
    /// What providers reported
    Feedback,
    /// Positions of the stream: `rekindle rebuild` does their work
    Stream,
    /// Schedules that could not start their function: the next one did their work
    Schedule,
}

impl Queue {
    fn name(self) -> &'static str {
        match self {
            Self::Advance => "advance",
            Self::Send => "send",
            Self::Feedback => "feedback",
            Self::Stream => "stream",
            Self::Schedule => "schedule",
        }
    }

    /// Where its dead letters are.
    fn dead(self, outputs: &Outputs) -> &str {
        match self {
            Self::Advance => &outputs.advance_dead_letters_url,
            Self::Send => &outputs.send_dead_letters_url,
            Self::Feedback => &outputs.feedback_dead_letters_url,
            Self::Stream => &outputs.stream_dead_letters_url,
            Self::Schedule => &outputs.schedule_dead_letters_url,
        }
    }

    /// What they are and where they came from, if they can go back.
    fn origin(self, outputs: &Outputs) -> Option<(Letters, &str)> {
        match self {
            Self::Advance => Some((Letters::Advance, &outputs.advance_queue_url)),
            Self::Send => Some((Letters::Send, &outputs.send_queue_url)),
            Self::Feedback => Some((Letters::Feedback, &outputs.feedback_queue_url)),
            Self::Stream | Self::Schedule => None,
        }
    }
}

pub(super) async fn run(args: ReplayArgs) -> anyhow::Result<()> {
    let deployment = args.address.find().await?;
    let queues = if args.queues.is_empty() { Queue::value_variants() } else { &args.queues };
    let client = deployment.clients.sqs();
    let replay = Replay { client: &client, rate: args.rate, dry_run: args.dry_run, started_at: Timestamp::now() };
    let (mut told, mut refused) = (Map::new(), 0);
    for queue in queues {
        let (name, dead) = (queue.name(), queue.dead(&deployment.outputs));
        let waiting = replay.waiting(dead).await?;
        let Some((letters, to)) = queue.origin(&deployment.outputs) else {
            let then = (waiting > 0).then(|| instead(*queue, dead, &args.address));
            if !args.json {
                println!("{name:<9} {waiting} wait");
                then.iter().for_each(|then| println!("{:<9} → {then}", ""));
            }
            told.insert(name.to_owned(), json!({ "waiting": waiting, "instead": then }));
            continue;
        };
        let bar = bar(waiting, name);
        let replayed = replay.run(letters, dead, to, |so_far| bar.set_position(so_far.moved)).await;
        bar.finish_and_clear();
        let replayed = replayed?;
        refused += replayed.refused;
        if !args.json {
            println!("{name:<9} {}", in_words(&replayed, args.dry_run));
        }
        told.insert(name.to_owned(), serde_json::to_value(replayed)?);
    }
    if args.json {
        println!("{}", json!({ "dry_run": args.dry_run, "queues": Value::Object(told) }));
    }
    if refused > 0 {
        bail!("the queues did not take {refused} letters; they are dead letters still, so run it again");
    }
    Ok(())
}

fn instead(queue: Queue, url: &str, address: &StackAddress) -> String {
    let purge = format!("aws sqs purge-queue --queue-url {url}{}", address.aws().options());
    match queue {
        Queue::Stream => {
            format!(
                "these are positions in the stream, not facts: rekindle rebuild {}, then {purge}",
                address.options()
            )
        }
        _ => format!("the next schedule did their work: {purge}"),
    }
}

fn in_words(replayed: &Replayed, dry_run: bool) -> String {
    let Replayed { moved, unreadable, came_back, refused } = replayed;
    let mut words = format!("{moved} {}", if dry_run { "would be moved" } else { "moved" });
    for (count, what) in [
        (unreadable, "cannot be read and are left"),
        (came_back, "came back meanwhile and are left"),
        (refused, "were not taken and are left"),
    ] {
        if *count > 0 {
            words.push_str(&format!(", {count} {what}"));
        }
    }
    words
}
