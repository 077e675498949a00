# Reference answers for analysis/methods/means.py and analysis/methods/missing_data.py.
# Run from this folder with `Rscript health.R`; reads health_data.csv, writes health_answers.csv.
# R with its recommended package nlme: t.test, wilcox.test, lm, lme.

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

people <- read.csv("health_data.csv")
treated <- people[people$arm == "sfj", ]
control <- people[people$arm == "control", ]

# ---- means -----------------------------------------------------------------------------------------------------------
for (arm in c("sfj", "control")) {
  scores <- na.omit(people$score_m12[people$arm == arm])
  for (level in c(0.95, 0.90)) {
    one <- t.test(scores, conf.level = level)
    name <- paste("mean", arm, level, sep = ".")
    keep(paste(name, c("estimate", "std_error", "conf_low", "conf_high", "df", "n"), sep = "."),
         c(one$estimate, one$stderr, one$conf.int, one$parameter, length(scores)))
  }
  keep(paste("sd", arm, sep = "."), sd(scores))
}

# ---- differences -----------------------------------------------------------------------------------------------------
for (variances in c("equal", "unequal")) {
  two <- t.test(treated$score_m12, control$score_m12, var.equal = variances == "equal")
  keep(paste("difference", variances, c("estimate", "std_error", "conf_low", "conf_high", "t", "df", "p"), sep = "."),
       c(two$estimate[1] - two$estimate[2], two$stderr, two$conf.int, two$statistic, two$parameter, two$p.value))
}

# ---- rank sums -------------------------------------------------------------------------------------------------------
x <- na.omit(treated$rating)
y <- na.omit(control$rating)
ranks <- rank(c(x, y))
keep("rank_sum.sfj", sum(ranks[seq_along(x)]))
keep("rank_sum.control", sum(ranks[-seq_along(x)]))
test <- wilcox.test(x, y, exact = FALSE, correct = FALSE)
keep("rank_sum.superiority", test$statistic / (length(x) * length(y)))
keep("rank_sum.p", test$p.value)
keep("rank_sum.abs_z", qnorm(test$p.value / 2, lower.tail = FALSE))

# ---- least squares ---------------------------------------------------------------------------------------------------
people$treated <- as.numeric(people$arm == "sfj")
models <- list(
  a = score_m12 ~ treated,
  b = score_m12 ~ treated + score_m0,
  c = score_m12 ~ treated + age + woman + education_higher,
  d = score_m12 ~ treated + score_m0 + age + woman + education_higher
)
for (name in names(models)) {
  fit <- lm(models[[name]], data = people)
  row <- summary(fit)$coefficients["treated", ]
  keep(paste("ols", name, c("estimate", "std_error", "t", "p"), sep = "."), row)
  keep(paste("ols", name, c("conf_low", "conf_high"), sep = "."), confint(fit, "treated"))
  keep(paste("ols", name, c("df", "n"), sep = "."), c(fit$df.residual, nobs(fit)))
}

# ---- repeated measures: baseline common to the arms, random intercept, REML ------------------------------------------
library(nlme)
long <- reshape(people[, c("participant_id", "treated", "score_m0", "score_m6", "score_m12")], direction = "long",
                varying = c("score_m0", "score_m6", "score_m12"), v.names = "score", timevar = "wave",
                times = c(0, 6, 12), idvar = "participant_id")
long <- na.omit(long)
long$treated_m6 <- long$treated * (long$wave == 6)
long$treated_m12 <- long$treated * (long$wave == 12)
mixed <- lme(score ~ 0 + factor(wave) + treated_m6 + treated_m12, random = ~ 1 | participant_id, data = long,
             method = "REML", control = lmeControl(tolerance = 1e-10, msTol = 1e-12))
for (wave in c("m6", "m12")) {
  row <- summary(mixed)$tTable[paste("treated", wave, sep = "_"), ]
  keep(paste("mixed", wave, c("estimate", "std_error"), sep = "."), row[c("Value", "Std.Error")])
}
keep("mixed.people", length(unique(long$participant_id)))

writeLines(R.version.string, "health_R_version.txt")
write.csv(answers, "health_answers.csv", row.names = FALSE)
