"""From validated tables to the frames that are analysed: statuses, people, outcomes, scores, resources, trial."""
