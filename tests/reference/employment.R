# Reference answers for analysis/methods/proportions.py, analysis/methods/regression.py and analysis/methods/durations.py.
# Run from this folder with `Rscript employment.R`; writes employment_data.csv and employment_answers.csv.
# Base R only: glm, prop.test, binom.test, anova; marginal effects are written out from their formulas.

answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) {
  answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
}

# ---- proportions -----------------------------------------------------------------------------------------------------
one <- list(c(3, 20), c(19, 20), c(278, 629), c(0, 12), c(12, 12))
for (k in one) {
  name <- paste0("one_", k[1], "_of_", k[2])
  p <- k[1] / k[2]
  z <- qnorm(0.975)
  wald <- pmin(pmax(p + c(-1, 1) * z * sqrt(p * (1 - p) / k[2]), 0), 1)
  wilson <- prop.test(k[1], k[2], correct = FALSE)$conf.int
  exact <- binom.test(k[1], k[2])$conf.int
  n2 <- k[2] + z^2
  p2 <- (k[1] + z^2 / 2) / n2
  agresti_coull <- pmin(pmax(p2 + c(-1, 1) * z * sqrt(p2 * (1 - p2) / n2), 0), 1)
  keep(paste0(name, c("_wald_low", "_wald_high")), wald)
  keep(paste0(name, c("_wilson_low", "_wilson_high")), wilson)
  keep(paste0(name, c("_clopper_pearson_low", "_clopper_pearson_high")), exact)
  keep(paste0(name, c("_agresti_coull_low", "_agresti_coull_high")), agresti_coull)
  if (k[1] > 0 && k[1] < k[2]) {
    logit <- plogis(qlogis(p) + c(-1, 1) * z / sqrt(k[2] * p * (1 - p)))
    keep(paste0(name, c("_logit_low", "_logit_high")), logit)
  }
}

two <- list(c(278, 629, 209, 561), c(239, 629, 190, 561), c(9, 31, 2, 28))
for (k in two) {
  name <- paste0("two_", paste(k, collapse = "_"))
  test <- prop.test(c(k[1], k[3]), c(k[2], k[4]), correct = FALSE)
  keep(paste0(name, c("_wald_low", "_wald_high")), test$conf.int)
  keep(paste0(name, "_pooled_p"), test$p.value)
  keep(paste0(name, "_pooled_z2"), test$statistic)
  keep(paste0(name, "_chi2_p"), chisq.test(matrix(c(k[1], k[2] - k[1], k[3], k[4] - k[3]), 2), correct = FALSE)$p.value)
  p1 <- k[1] / k[2]
  p0 <- k[3] / k[4]
  se <- sqrt(p1 * (1 - p1) / k[2] + p0 * (1 - p0) / k[4])
  keep(paste0(name, "_se"), se)
  keep(paste0(name, "_unpooled_p"), 2 * pnorm(-abs((p1 - p0) / se)))
  w1 <- prop.test(k[1], k[2], correct = FALSE)$conf.int
  w0 <- prop.test(k[3], k[4], correct = FALSE)$conf.int
  d <- p1 - p0
  keep(paste0(name, "_newcombe_low"), d - sqrt((p1 - w1[1])^2 + (w0[2] - p0)^2))
  keep(paste0(name, "_newcombe_high"), d + sqrt((w1[2] - p1)^2 + (p0 - w0[1])^2))
}

# ---- logit and its marginal effects ----------------------------------------------------------------------------------
set.seed(20121)
n <- 240
people <- data.frame(
  age = round(runif(n, 18, 66), 1),
  income = round(rlnorm(n, 5.6, 0.5)),
  woman = rbinom(n, 1, 0.65),
  aap = rbinom(n, 1, 0.25),
  sfj = rbinom(n, 1, 0.5),
  months_out = sample(0:12, n, replace = TRUE)
)
people$sfj_x_aap <- people$sfj * people$aap
linear <- -0.2 - 0.03 * (people$age - 40) + 0.002 * (people$income - 280) + 0.1 * people$woman - 1.4 * people$aap +
  0.2 * people$sfj + 0.9 * people$sfj_x_aap - 0.05 * people$months_out
people$in_work <- rbinom(n, 1, plogis(linear))
write.csv(people, "employment_data.csv", row.names = FALSE, quote = FALSE)

terms <- c("woman", "age", "income", "aap", "sfj", "sfj_x_aap")
dummies <- c("woman", "aap", "sfj", "sfj_x_aap")
model <- glm(reformulate(terms, "in_work"), binomial, people, epsilon = 1e-14, maxit = 100)
beta <- coef(model)
X <- model.matrix(model)
# vcov(glm) takes its weights from the step before the last; the information at the maximum itself is wanted here.
information <- function(X, beta) {
  p <- as.numeric(plogis(X %*% beta))
  crossprod(X, p * (1 - p) * X)
}
V <- solve(information(X, beta))
keep(paste0("coef_", c("constant", terms)), beta)
keep(paste0("se_", c("constant", terms)), sqrt(diag(V)))
null <- glm(in_work ~ 1, binomial, people)
keep("pseudo_r2", 1 - as.numeric(logLik(model)) / as.numeric(logLik(null)))
keep("log_likelihood", logLik(model))

slope <- function(p) p * (1 - p)
curve2 <- function(p) p * (1 - p) * (1 - 2 * p)
report <- function(name, effect, gradient) {
  keep(paste0(name, "_effect"), effect)
  keep(paste0(name, "_se"), sqrt(as.numeric(t(gradient) %*% V %*% gradient)))
}
# Rows: the one person at the means, or everybody; effects are averages over the rows.
for (at in c("means", "average")) {
  rows <- if (at == "means") matrix(colMeans(X), 1, dimnames = list(NULL, colnames(X))) else X
  for (term in terms) {
    p <- as.numeric(plogis(rows %*% beta))
    unit <- as.numeric(names(beta) == term)
    report(
      paste(at, "derivative", term, sep = "_"), mean(slope(p)) * beta[term],
      colMeans(slope(p) %o% unit + (curve2(p) * beta[term]) * rows)
    )
    if (term %in% dummies) {
      one <- rows; one[, term] <- 1
      zero <- rows; zero[, term] <- 0
      p1 <- as.numeric(plogis(one %*% beta))
      p0 <- as.numeric(plogis(zero %*% beta))
      report(paste(at, "discrete", term, sep = "_"), mean(p1 - p0), colMeans(slope(p1) * one - slope(p0) * zero))
    }
  }
}
# Everybody treated against nobody treated, the product following: among all, and among those with AAP.
for (group in c("all", "aap")) {
  rows <- if (group == "all") X else X[people$aap == 1, ]
  one <- rows; one[, "sfj"] <- 1; one[, "sfj_x_aap"] <- rows[, "aap"]
  zero <- rows; zero[, "sfj"] <- 0; zero[, "sfj_x_aap"] <- 0
  p1 <- as.numeric(plogis(one %*% beta))
  p0 <- as.numeric(plogis(zero %*% beta))
  report(paste0("contrast_", group), mean(p1 - p0), colMeans(slope(p1) * one - slope(p0) * zero))
}

# ---- duration by arm -------------------------------------------------------------------------------------------------
for (shape in c("linear", "quadratic")) {
  d <- people
  d$d2 <- d$months_out^2
  d$x1 <- d$sfj * d$months_out
  d$x2 <- d$sfj * d$d2
  parts <- if (shape == "linear") c("sfj", "months_out", "age") else c("sfj", "months_out", "d2", "age")
  products <- if (shape == "linear") "x1" else c("x1", "x2")
  full <- glm(reformulate(c(parts, products), "in_work"), binomial, d, epsilon = 1e-14, maxit = 100)
  restricted <- glm(reformulate(parts, "in_work"), binomial, d, epsilon = 1e-14, maxit = 100)
  lr <- anova(restricted, full, test = "LRT")
  keep(paste0("duration_", shape, "_lr"), lr$Deviance[2])
  keep(paste0("duration_", shape, "_p"), lr$`Pr(>Chi)`[2])
  beta <- coef(full)
  X <- model.matrix(full)
  V <- solve(information(X, beta))
  at <- matrix(colMeans(X), 1, dimnames = list(NULL, colnames(X)))
  p <- as.numeric(plogis(at %*% beta))
  unit <- as.numeric(names(beta) == "x1")
  report(
    paste0("duration_", shape, "_x1"), slope(p) * beta["x1"],
    as.numeric(slope(p) * unit + curve2(p) * beta["x1"] * at)
  )
  # Effect had everybody been out of work six months.
  six <- X; six[, "months_out"] <- 6
  if (shape == "quadratic") six[, "d2"] <- 36
  one <- six; one[, "sfj"] <- 1; one[, "x1"] <- 6
  zero <- six; zero[, "sfj"] <- 0; zero[, "x1"] <- 0
  if (shape == "quadratic") { one[, "x2"] <- 36; zero[, "x2"] <- 0 }
  p1 <- as.numeric(plogis(one %*% beta))
  p0 <- as.numeric(plogis(zero %*% beta))
  report(paste0("duration_", shape, "_six"), mean(p1 - p0), colMeans(slope(p1) * one - slope(p0) * zero))
}

answers$value <- formatC(answers$value, digits = 12, format = "g", flag = "#")
header <- paste0("# ", R.version.string, "; employment.R")
writeLines(c(header, "quantity,value", paste(answers$quantity, answers$value, sep = ",")), "employment_answers.csv")
