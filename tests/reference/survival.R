# Reference answers for analysis/methods/survival.py, for the several answers of analysis/methods/proportions.py, the
# standardised difference of analysis/methods/means.py and the heterogeneity of analysis/methods/estimates.py.
# Run from this folder with `Rscript survival.R`; survival must be installed. Writes survival_answers.csv.
library(survival)

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- weeks in remission of leukaemia, Freireich and others (1963) ----------------------------------------------------
came <- c(6, 6, 6, 7, 10, 13, 16, 22, 23)
seen <- c(6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
placebo <- c(1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
people <- data.frame(
  time = c(came, seen, placebo),
  happened = c(rep(1, length(came)), rep(0, length(seen)), rep(1, length(placebo))),
  treated = c(rep(1, length(came) + length(seen)), rep(0, length(placebo)))
)
for (arm in c(1, 0)) {
  fit <- summary(survfit(Surv(time, happened) ~ 1, data = people[people$treated == arm, ], conf.type = "log-log"))
  for (i in seq_along(fit$time)) {
    name <- paste0("curve_", arm, "_", fit$time[i])
    if (fit$surv[i] == 0) next
    keep(paste0(name, "_estimate"), 1 - fit$surv[i])
    keep(paste0(name, "_std_error"), fit$std.err[i])
    keep(paste0(name, "_conf_low"), 1 - fit$upper[i])
    keep(paste0(name, "_conf_high"), 1 - fit$lower[i])
  }
}
test <- survdiff(Surv(time, happened) ~ treated, data = people)
keep("log_rank_chisq", test$chisq)
keep("log_rank_p", pchisq(test$chisq, 1, lower.tail = FALSE))

# ---- three answers of two groups, one answer given by one of the groups alone ----------------------------------------
counts <- rbind(c(31, 12, 9, 0), c(24, 21, 5, 4))
test <- suppressWarnings(chisq.test(counts, correct = FALSE))
keep("chisq", test$statistic)
keep("chisq_df", test$parameter)
keep("chisq_p", test$p.value)
keep("cramers_v", sqrt(test$statistic / sum(counts)))

# ---- a standardised difference, its formula written out --------------------------------------------------------------
x <- people$time[people$treated == 1]
y <- people$time[people$treated == 0]
d <- (mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2)
error <- sqrt(1 / length(x) + 1 / length(y) + d^2 / (2 * (length(x) + length(y))))
keep("standardised_estimate", d)
keep("standardised_std_error", error)
keep("standardised_conf_low", d - qnorm(0.975) * error)
keep("standardised_conf_high", d + qnorm(0.975) * error)

# ---- effects of five groups: Cochran's Q is what a weighted regression with a constant alone leaves ------------------
effects <- data.frame(d = c(0.11, -0.02, 0.25, 0.07, 0.16), se = c(0.04, 0.09, 0.06, 0.05, 0.12))
q <- deviance(lm(d ~ 1, data = effects, weights = 1 / se^2))
keep("q", q)
keep("q_p", pchisq(q, 4, lower.tail = FALSE))

line <- paste0("# ", R.version.string, "; survival ", packageVersion("survival"), "; survival.R")
file <- file("survival_answers.csv", "w")
writeLines(line, file)
answers$value <- format(answers$value, digits = 15, scientific = FALSE, trim = TRUE)
write.csv(answers, file, row.names = FALSE, quote = FALSE)
close(file)
