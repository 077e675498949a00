# Reference answers for analysis/methods/means.py, repeated_measures.py and adjusted shares in regression.py.
# Run from this folder with `Rscript health.R`; reads health_data.csv, writes health_answers.csv.
# R with nlme (gls, lme) and numDeriv; t.test, wilcox.test and lm are base R.

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

# ---- share at or above a limit, at equal scores at inclusion: logit, everybody treated minus nobody ------------------
known <- na.omit(people[, c("treated", "score_m0", "score_m6")])
known$case <- as.numeric(known$score_m6 >= 10)
logit <- glm(case ~ treated + score_m0, family = binomial, data = known, control = list(epsilon = 1e-14, maxit = 100))
designs <- lapply(c(1, 0), function(arm) cbind(1, arm, known$score_m0))
shares <- lapply(designs, function(x) plogis(drop(x %*% coef(logit))))
gradient <- colMeans(designs[[1]] * shares[[1]] * (1 - shares[[1]])) - colMeans(designs[[2]] * shares[[2]] * (1 - shares[[2]]))
effect <- mean(shares[[1]]) - mean(shares[[2]])
error <- sqrt(drop(t(gradient) %*% vcov(logit) %*% gradient))
keep(paste("case_m6", c("estimate", "std_error", "conf_low", "conf_high", "p_value", "n"), sep = "."),
     c(effect, error, effect + c(-1, 1) * qnorm(0.975) * error, 2 * pnorm(-abs(effect / error)), nrow(known)))

# ---- repeated measures: baseline common to the arms, REML ------------------------------------------------------------
library(nlme)
library(numDeriv)
long <- reshape(people[, c("participant_id", "treated", "score_m0", "score_m6", "score_m12")], direction = "long",
                varying = c("score_m0", "score_m6", "score_m12"), v.names = "score", timevar = "wave",
                times = c(0, 6, 12), idvar = "participant_id")
long <- na.omit(long)
long <- long[order(long$participant_id, long$wave), ]
long$treated_m6 <- long$treated * (long$wave == 6)
long$treated_m12 <- long$treated * (long$wave == 12)
long$place <- match(long$wave, c(0, 6, 12))
terms <- score ~ 0 + factor(wave) + treated_m6 + treated_m12

# random intercept
mixed <- lme(terms, random = ~ 1 | participant_id, data = long, method = "REML",
             control = lmeControl(tolerance = 1e-10, msTol = 1e-12))
# unstructured covariance over the waves
mmrm <- gls(terms, correlation = corSymm(form = ~ place | participant_id), weights = varIdent(form = ~ 1 | wave),
            data = long, method = "REML",
            control = glsControl(opt = "optim", tolerance = 1e-12, msTol = 1e-14, maxIter = 1000, msMaxIter = 1000))

# Satterthwaite's degrees of freedom of the gls: written out, by the variances and covariances themselves
people_rows <- split(seq_len(nrow(long)), long$participant_id)
x <- model.matrix(terms, long)
matrix_of <- function(theta) {
  sigma <- matrix(0, 3, 3)
  sigma[lower.tri(sigma, diag = TRUE)] <- theta
  sigma + t(sigma) - diag(diag(sigma))
}
information <- function(theta) {
  sigma <- matrix_of(theta)
  Reduce(`+`, lapply(people_rows, function(rows) {
    own <- x[rows, , drop = FALSE]
    t(own) %*% solve(sigma[long$place[rows], long$place[rows]], own)
  }))
}
minus_restricted <- function(theta) {
  sigma <- matrix_of(theta)
  cross <- Reduce(`+`, lapply(people_rows, function(rows) {
    t(x[rows, , drop = FALSE]) %*% solve(sigma[long$place[rows], long$place[rows]], long$score[rows])
  }))
  beta <- solve(information(theta), cross)
  parts <- sapply(people_rows, function(rows) {
    v <- sigma[long$place[rows], long$place[rows], drop = FALSE]
    r <- long$score[rows] - x[rows, , drop = FALSE] %*% beta
    log(det(v)) + t(r) %*% solve(v, r)
  })
  (sum(parts) + log(det(information(theta))) + (nrow(x) - ncol(x)) * log(2 * pi)) / 2
}
scale <- mmrm$sigma * c(1, coef(mmrm$modelStruct$varStruct, unconstrained = FALSE)[c("6", "12")])
whole <- which.max(sapply(people_rows, length))
correlation <- corMatrix(mmrm$modelStruct$corStruct)[[names(people_rows)[whole]]]
covariance <- correlation * outer(scale, scale)
theta <- covariance[lower.tri(covariance, diag = TRUE)]
spread <- solve(hessian(minus_restricted, theta))
satterthwaite <- function(term) {
  variance <- function(theta) solve(information(theta))[term, term]
  gradient <- grad(variance, theta)
  2 * variance(theta)^2 / drop(t(gradient) %*% spread %*% gradient)
}

for (wave in c("m6", "m12")) {
  term <- paste("treated", wave, sep = "_")
  keep(paste("mixed", wave, c("estimate", "std_error"), sep = "."), summary(mixed)$tTable[term, c("Value", "Std.Error")])
  row <- summary(mmrm)$tTable[term, c("Value", "Std.Error")]
  df <- satterthwaite(term)
  half <- qt(0.975, df) * row[2]
  keep(paste("mmrm", wave, c("estimate", "std_error", "df", "conf_low", "conf_high", "p"), sep = "."),
       c(row, df, row[1] - half, row[1] + half, 2 * pt(-abs(row[1] / row[2]), df)))
}
keep(paste("mmrm.covariance", c("00", "06", "012", "66", "612", "1212"), sep = "."), theta)
keep("mixed.log_likelihood", logLik(mixed))
keep("mmrm.log_likelihood", logLik(mmrm))
keep("mmrm.log_likelihood_written_out", -minus_restricted(theta))
ratio <- 2 * (logLik(mmrm) - logLik(mixed))
keep(c("mmrm.ratio", "mmrm.ratio_p"), c(ratio, pchisq(ratio, 4, lower.tail = FALSE)))
keep("mixed.people", length(unique(long$participant_id)))

versions <- c(R.version.string, paste("nlme", packageVersion("nlme")), paste("numDeriv", packageVersion("numDeriv")))
writeLines(versions, "health_R_version.txt")
write.csv(answers, "health_answers.csv", row.names = FALSE)
