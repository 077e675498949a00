# Reference answers for analysis/methods/time_in_state.py and the restricted means of analysis/methods/survival.py.
# Run from this folder with `Rscript time.R`; writes time_data.csv, time_answers.csv and time_R_version.txt.
# Packages survival and survey (Debian: r-cran-survival, r-cran-survey).

suppressPackageStartupMessages({
  library(survival)
  library(survey)
})

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- people: three states over twelve months, of whom some are observed for a shorter time --------------------------
set.seed(20130)
n <- 70
months <- 12
states <- c("work", "benefit", "other")
people <- data.frame(
  participant_id = sprintf("P%04d", 1:n),
  arm = ifelse(1:n %% 5 < 3, "new", "usual"),
  weight = round(runif(n, 0.5, 2), 2),
  last = ifelse(runif(n) < 0.4, sample(4:11, n, replace = TRUE), months)
)
long <- do.call(rbind, lapply(1:n, function(i) {
  stay <- if (people$arm[i] == "new") c(0.85, 0.75, 0.70) else c(0.80, 0.82, 0.75)
  state <- numeric(months)
  state[1] <- sample(1:3, 1, prob = c(0.15, 0.65, 0.2))
  for (t in 2:months) {
    now <- state[t - 1]
    state[t] <- if (runif(1) < stay[now]) now else sample(setdiff(1:3, now), 1)
  }
  data.frame(people[rep(i, months), ], month = 1:months, state = states[state])
}))
rownames(long) <- NULL
write.csv(long, "time_data.csv", row.names = FALSE, quote = FALSE)
seen <- long[long$month <= long$last, ]

# ---- time to the first month in work: restricted mean from survival --------------------------------------------------
first <- do.call(rbind, lapply(split(seen, seen$participant_id), function(own) {
  at <- own$month[own$state == "work"]
  data.frame(arm = own$arm[1], time = if (length(at)) min(at) else max(own$month), happened = length(at) > 0)
}))
for (last in c(6, 10)) {
  table <- summary(survfit(Surv(time, happened) ~ arm, data = first), rmean = last)$table
  mean <- table[, "rmean"]
  error <- table[, "se(rmean)"]
  name <- paste0("first_", last)
  keep(paste0(name, c("_new", "_usual")), mean)
  keep(paste0(name, c("_new_se", "_usual_se")), error)
  keep(paste0(name, c("_new_low", "_usual_low")), mean - qnorm(0.975) * error)
  keep(paste0(name, c("_new_high", "_usual_high")), mean + qnorm(0.975) * error)
  gap <- mean[1] - mean[2]
  se <- sqrt(sum(error^2))
  keep(paste0(name, c("_difference", "_low", "_high")), c(gap, gap + c(-1, 1) * qnorm(0.975) * se))
  keep(paste0(name, "_p"), 2 * pnorm(-abs(gap / se)))
}

# ---- everybody observed throughout: Welch's t, and Aalen-Johansen with its infinitesimal jackknife -------------------
sums <- aggregate((state == "work") ~ participant_id + arm, data = long, FUN = sum)
names(sums)[3] <- "work"
test <- t.test(work ~ arm, data = sums)
keep("whole_difference", test$estimate[1] - test$estimate[2])
keep(c("whole_low", "whole_high"), test$conf.int)
keep(c("whole_p", "whole_df"), c(test$p.value, test$parameter))
for (arm in c("new", "usual")) {
  own <- long[long$arm == arm, ]
  own <- own[order(own$participant_id, own$month), ]
  then <- c(own$state[-1], NA)
  ends <- own$month == months
  moves <- data.frame(id = own$participant_id, start = own$month - 1, stop = own$month, from = factor(own$state, states),
                      event = factor(ifelse(ends, "censor", then), c("censor", states)))
  fit <- survfit(Surv(start, stop, event) ~ 1, data = moves, id = id, istate = from)
  times <- summary(fit, rmean = months)$table
  keep(paste0("aj_", arm, "_", rownames(times)), times[, "rmean"])
  # The influence of each person on the states at inclusion and after each month; its sum over months is that on times.
  influence <- survfit(Surv(start, stop, event) ~ 1, data = moves, id = id, istate = from, influence = 1)$influence.pstate
  on_times <- apply(influence[, 1:months, ], c(1, 3), sum)
  keep(paste0("aj_", arm, "_", rownames(times), "_se"), sqrt(colSums(on_times^2)))
}

# ---- some observed for a shorter time: domain means of each month, summed, clustered by person -----------------------
summed <- function(own, state, weighted) {
  own$held <- as.numeric(own$state == state)
  own$w <- if (weighted) own$weight else 1
  own$period <- factor(own$month, 1:months)
  design <- svydesign(ids = ~participant_id, weights = ~w, data = own)
  means <- svyby(~held, ~period, design, svymean, covmat = TRUE)
  c(coef(svycontrast(means, rep(1, months))), SE(svycontrast(means, rep(1, months))))
}
compared <- function(name, first, second, n1, n0) {
  gap <- first[1] - second[1]
  se <- sqrt(first[2]^2 + second[2]^2)
  df <- se^4 / (first[2]^4 / (n1 - 1) + second[2]^4 / (n0 - 1))
  keep(paste0(name, c("_new", "_usual")), c(first[1], second[1]))
  keep(paste0(name, c("_new_se", "_usual_se")), c(first[2], second[2]))
  keep(paste0(name, c("_new_low", "_new_high")), first[1] + c(-1, 1) * qt(0.975, n1 - 1) * first[2])
  keep(paste0(name, c("_usual_low", "_usual_high")), second[1] + c(-1, 1) * qt(0.975, n0 - 1) * second[2])
  keep(paste0(name, c("_difference", "_low", "_high")), c(gap, gap + c(-1, 1) * qt(0.975, df) * se))
  keep(paste0(name, "_p"), 2 * pt(-abs(gap / se), df))
}
sizes <- table(people$arm)
for (state in states) {
  for (weighted in c(FALSE, TRUE)) {
    parts <- lapply(c("new", "usual"), function(arm) summed(seen[seen$arm == arm, ], state, weighted))
    compared(paste0("seen_", state, if (weighted) "_weighted"), parts[[1]], parts[[2]], sizes["new"], sizes["usual"])
  }
}
# The jackknife, which knows nothing of the linearisation: one person left out at a time.
jackknife <- function(own) {
  area <- function(rows) sum(tapply(rows$state == "work", rows$month, mean))
  ids <- unique(own$participant_id)
  without <- sapply(ids, function(id) area(own[own$participant_id != id, ]))
  sqrt((length(ids) - 1) / length(ids) * sum((without - mean(without))^2))
}
for (arm in c("new", "usual")) keep(paste0("jackknife_", arm), jackknife(seen[seen$arm == arm, ]))

# ---- entering and leaving work, from one month to the next -----------------------------------------------------------
steps <- do.call(rbind, lapply(split(seen, seen$participant_id), function(own) {
  if (nrow(own) < 2) return(NULL)
  data.frame(participant_id = own$participant_id[1], arm = own$arm[1], before = head(own$state, -1), after = own$state[-1])
}))
rate <- function(arm, entering) {
  own <- steps[steps$arm == arm & (steps$before == "work") != entering, ]
  own$changed <- as.numeric((own$after == "work") == entering)
  own$one <- 1
  ratio <- svyratio(~changed, ~one, svydesign(ids = ~participant_id, weights = ~one, data = own))
  c(coef(ratio), SE(ratio), length(unique(own$participant_id)))
}
for (entering in c(TRUE, FALSE)) {
  first <- rate("new", entering)
  second <- rate("usual", entering)
  compared(if (entering) "entering" else "leaving", first, second, first[3], second[3])
}

# ---- transitions ------------------------------------------------------------------------------------------------------
for (arm in c("new", "usual")) {
  counts <- table(factor(steps$before[steps$arm == arm], states), factor(steps$after[steps$arm == arm], states))
  shares <- prop.table(counts, 1)
  for (before in states) for (after in states) {
    keep(paste("next", arm, before, after, sep = "_"), counts[before, after])
    keep(paste("share", arm, before, after, sep = "_"), shares[before, after])
  }
}

write.csv(transform(answers, value = format(value, digits = 15, trim = TRUE)), "time_answers.csv", row.names = FALSE,
          quote = FALSE)
writeLines(c(R.version.string, paste("survival", packageVersion("survival")), paste("survey", packageVersion("survey"))),
           "time_R_version.txt")
